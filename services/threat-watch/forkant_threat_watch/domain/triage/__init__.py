"""Reading a text by rules: what in it speaks of violence, how soon, and by which words.

In the order of a reading: `tokens` takes the text apart, `lexicon` (with `phrases`) finds the rule book in it,
`scene` holds what one sentence says, `grammar` tells a plan from a memory and a denial, `parties` who does it to whom,
`judging` weighs what is left against the themes that are not violence, and `reading` puts the sentences together.
`forms` is how a rule book writes an inflected word; `book` is the rule book, and `book_document` reads it from a file.

A reading proposes. It never says what level a threat has, and nothing it says counts until a person has confirmed it.
"""
