"""How an answer is shown: sentences, pictures, tables, pages, in a language."""
