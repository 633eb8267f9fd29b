"""What one can do with the registry: one function a deed, one transaction each, committed before the answer."""
