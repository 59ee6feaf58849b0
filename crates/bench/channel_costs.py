#!/usr/bin/env python3
"""Learns what a letter costs when it is written for another, from known aliases, and prints `channel_costs.rs`.

  channel_costs.py KB/aliases.tsv ... > crates/tier1/src/channel_costs.rs     (needs `pip install anyascii`)

Pairs of a name and an alias of it that are alike are aligned with the costs so far and counted, four times over (Viterbi training).
"""

import difflib, math, random, sys, unicodedata

from anyascii import anyascii


def fold(t):
    o = []
    gap = False
    for c in unicodedata.normalize("NFKC", t):
        for b in (" and " if c == "&" else anyascii(c)):
            if b.isalnum() or b in "+#":
                if gap and o:
                    o.append(" ")
                gap = False
                o.append(b.lower())
            elif b in "'`":
                pass
            else:
                gap = True
    return "".join(o)


def sym(b):
    if "a" <= b <= "z":
        return ord(b) - 97
    if b.isdigit():
        return 26
    return 27 if b == " " else 28


random.seed(7)
pairs = []
for path in sys.argv[1:]:
    for l in open(path, encoding="utf-8"):
        a, b = map(fold, l.rstrip("\n").split("\t"))
        if difflib.SequenceMatcher(None, a, b).ratio() >= 0.6 and len(a) < 48 and len(b) < 48:
            pairs.append((a, b))
random.shuffle(pairs)
pairs = pairs[:9000]
print(len(pairs), file=sys.stderr)
L = 29
EXT = 2.6
S = [[0.15 if i == j else 5.5 for j in range(L)] for i in range(L)]
I = [4.5] * L
D = [4.0] * L


def align(a, b):
    INF = 1e9
    n, m = len(a), len(b)
    A = [sym(c) for c in a]
    B = [sym(c) for c in b]
    T = [[None] * (m + 1) for _ in range(n + 1)]
    T[0][0] = ((0, None), (INF, None), (INF, None))
    for i in range(n + 1):
        for j in range(m + 1):
            if i == j == 0:
                continue
            p = d = s = (INF, None)
            if i and j:
                q = T[i - 1][j - 1]
                k = min((0, 1, 2), key=lambda x: q[x][0])
                p = (q[k][0] + S[A[i - 1]][B[j - 1]], k)
            if i:
                q = T[i - 1][j]
                c = [q[0][0] + D[A[i - 1]], q[1][0] + EXT, q[2][0] + D[A[i - 1]]]
                k = c.index(min(c))
                d = (c[k], k)
            if j:
                q = T[i][j - 1]
                c = [q[0][0] + I[B[j - 1]], q[1][0] + I[B[j - 1]], q[2][0] + EXT]
                k = c.index(min(c))
                s = (c[k], k)
            T[i][j] = (p, d, s)
    i, j = n, m
    k = min((0, 1, 2), key=lambda x: T[n][m][x][0])
    ops = []
    while i or j:
        pk = T[i][j][k][1]
        if k == 0:
            ops.append(("S", A[i - 1], B[j - 1]))
            i -= 1
            j -= 1
        elif k == 1:
            if pk != 1:
                ops.append(("D", A[i - 1]))
            i -= 1
        else:
            if pk != 2:
                ops.append(("I", B[j - 1]))
            j -= 1
        k = pk if pk is not None else 0
    return ops


for it in range(4):
    cs = [[0] * L for _ in range(L)]
    ci = [0] * L
    cd = [0] * L
    steps = 0
    for a, b in pairs:
        for o in align(a, b):
            steps += 1
            if o[0] == "S":
                cs[o[1]][o[2]] += 1
            elif o[0] == "D":
                cd[o[1]] += 1
            else:
                ci[o[1]] += 1
    for x in range(L):
        tot = sum(cs[x]) + cd[x]
        for y in range(L):
            prior = 30 if x == y else 0.3
            S[x][y] = -math.log((cs[x][y] + prior) / (tot + 30 + L * 0.3 + 2))
        D[x] = -math.log((cd[x] + 2) / (tot + 30 + L * 0.3 + 2))
    ti = steps
    for y in range(L):
        I[y] = -math.log((ci[y] + 2) / (ti + 60))
    print(it, sum(cd), sum(ci), steps, file=sys.stderr)
print(
    "//! What a letter costs when it is written for another, left out or put in; learned by `crates/bench/channel_costs.py`."
)
print(
    "//! Rows are the letters of the name, columns those written for it: a to z, any digit, space, anything else.\n"
)
print("/// How many symbols there are.\npub(crate) const LETTERS: usize = 29;\n")
f = lambda v: f"{v:.1f}"
print(
    "/// Writing one letter for another.\n#[rustfmt::skip]\npub(crate) const SUBSTITUTE: [f32; LETTERS * LETTERS] = ["
)
for x in range(L):
    print("    " + ", ".join(f(v) for v in S[x]) + ",")
print(
    "];\n\n/// Leaving a letter of the name out.\n#[rustfmt::skip]\npub(crate) const DELETE: [f32; LETTERS] = [\n    "
    + ", ".join(map(f, D))
    + ",\n];"
)
print(
    "\n/// Putting a letter in.\n#[rustfmt::skip]\npub(crate) const INSERT: [f32; LETTERS] = [\n    "
    + ", ".join(map(f, I))
    + ",\n];"
)
