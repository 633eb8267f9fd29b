// Reads an AsyncAPI document on standard input; prints what is wrong with it, one line each; exits with 1 on an error.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf-8"));
for (const found of diagnostics) {
  console.log(`${["error", "warning", "information", "hint"][found.severity]} ${found.path.join(".")}: ${found.message}`);
}
process.exitCode = document === undefined || diagnostics.some((found) => found.severity === 0) ? 1 : 0;
