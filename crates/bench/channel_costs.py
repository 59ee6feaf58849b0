#!/usr/bin/env python3
"""Learns what letters cost when others are written for them, from spellings of names, and prints `channel_costs.rs`.

  channel_costs.py spellings.tsv KB/aliases.tsv ... > crates/tier1/src/channel_costs.rs     (needs `pip install anyascii`; PyPy is faster)

Where the spellings come from, `spellings.py` says. Pairs of a name and another spelling of it that are alike are aligned with the costs so far
and counted, four times over (Viterbi training). Then up to four letters written for up to four others are learned on top in the same way
(E. Brill and R. C. Moore, "An improved error model for noisy channel spelling correction", ACL 2000): neighbouring steps around a change are
counted as one. Names begin and end with a space, as `channel.rs` has them.
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
pairs = set()
for path in sys.argv[1:]:
    for l in open(path, encoding="utf-8"):
        a, b = map(fold, l.rstrip("\n").split("\t"))
        if a != b and len(a) < 48 and len(b) < 48 and difflib.SequenceMatcher(None, a, b).ratio() >= 0.55:
            pairs.add((f" {a} ", f" {b} "))
pairs = sorted(pairs)
random.shuffle(pairs)
print(len(pairs), file=sys.stderr)
L = 29
LONGEST = 4  # letters of a group, the space at an end included
EXT = 2.6
S = [[0.15 if i == j else 5.5 for j in range(L)] for i in range(L)]
I = [4.5] * L
D = [4.0] * L


R = {}  # what is written for what of the name, up to LONGEST letters each: cost
SOURCES = set()


def align(a, b):
    """The cheapest steps, each a pair of what of the name and what is written for it."""
    INF = 1e9
    n, m = len(a), len(b)
    A = [sym(c) for c in a]
    B = [sym(c) for c in b]
    T = [[None] * (m + 1) for _ in range(n + 1)]
    T[0][0] = ((0, None, 0, 0), (INF, None, 0, 0), (INF, None, 0, 0))
    best = lambda q: min((0, 1, 2), key=lambda x: q[x][0])
    for i in range(n + 1):
        sources = [p for p in range(1, LONGEST + 1) if p <= i and a[i - p : i] in SOURCES]
        for j in range(m + 1):
            if i == j == 0:
                continue
            p = d = s = (INF, None, 0, 0)
            if i and j:
                q = T[i - 1][j - 1]
                k = best(q)
                p = (q[k][0] + S[A[i - 1]][B[j - 1]], k, 1, 1)
                for x in sources:
                    for y in range(1, min(LONGEST, j) + 1):
                        cost = R.get((a[i - x : i], b[j - y : j]))
                        if cost is not None:
                            q = T[i - x][j - y]
                            k = best(q)
                            if q[k][0] + cost < p[0]:
                                p = (q[k][0] + cost, k, x, y)
            if i:
                q = T[i - 1][j]
                c = [q[0][0] + D[A[i - 1]], q[1][0] + EXT, q[2][0] + D[A[i - 1]]]
                k = c.index(min(c))
                d = (c[k], k, 1, 0)
            if j:
                q = T[i][j - 1]
                c = [q[0][0] + I[B[j - 1]], q[1][0] + I[B[j - 1]], q[2][0] + EXT]
                k = c.index(min(c))
                s = (c[k], k, 0, 1)
            T[i][j] = (p, d, s)
    i, j = n, m
    k = best(T[n][m])
    steps = []
    while i or j:
        _, before, x, y = T[i][j][k]
        steps.append((a[i - x : i], b[j - y : j], k != before))
        i, j, k = i - x, j - y, before if before is not None else 0
    return steps[::-1]


for it in range(4):
    cs = [[0] * L for _ in range(L)]
    ci = [0] * L
    cd = [0] * L
    steps = 0
    for a, b in pairs:
        for x, y, opens in align(a, b):
            steps += 1
            if x and y:
                cs[sym(x)][sym(y)] += 1
            elif x and opens:
                cd[sym(x)] += 1
            elif y and opens:
                ci[sym(y)] += 1
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


def single(x, y):
    """What the letters cost one by one."""
    T = [[1e9] * (len(y) + 1) for _ in range(len(x) + 1)]
    T[0][0] = 0
    for i in range(len(x) + 1):
        for j in range(len(y) + 1):
            if i and j:
                T[i][j] = min(T[i][j], T[i - 1][j - 1] + S[sym(x[i - 1])][sym(y[j - 1])])
            if i:
                T[i][j] = min(T[i][j], T[i - 1][j] + D[sym(x[i - 1])])
            if j:
                T[i][j] = min(T[i][j], T[i][j - 1] + I[sym(y[j - 1])])
    return T[-1][-1]


in_names = {}
for a, _ in pairs:
    for x in range(1, LONGEST + 1):
        for i in range(len(a) - x + 1):
            in_names[a[i : i + x]] = in_names.get(a[i : i + x], 0) + 1
for it in range(4):
    counts = {}
    for a, b in pairs:
        steps = align(a, b)
        for k, (x, y, _) in enumerate(steps):
            if x == y:
                continue
            for low, high in ((k, k + 1), (k - 1, k + 1), (k, k + 2), (k - 1, k + 2)):
                if low < 0 or high > len(steps):
                    continue
                window = steps[low:high]
                joined = "".join(step[0] for step in window), "".join(step[1] for step in window)
                if all(1 <= len(part) <= LONGEST for part in joined) and joined[0] != joined[1]:
                    counts[joined] = counts.get(joined, 0) + 1
    R.clear()
    for (x, y), count in counts.items():
        if len(x) == len(y) == 1 or count < 24 or any(sym(c) in (26, 28) for c in x + y):
            continue
        cost = -math.log(count / (in_names[x] + 20))
        # What the letters say by themselves needs no entry.
        if cost < single(x, y) - 0.5:
            R[(x, y)] = cost
    SOURCES = {x for x, _ in R}
    print(it, len(R), "groups", file=sys.stderr)

print(
    "//! What letters cost when others are written for them, left out or put in; learned by `crates/bench/channel_costs.py`."
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
print(
    "\n/// Up to four letters written for up to four others, where that is cheaper than letter by letter; in the order of both.\n"
    "#[rustfmt::skip]\npub(crate) const GROUPS: &[(&str, &str, f32)] = &["
)
rows = [f'("{x}", "{y}", {f(R[x, y])})' for x, y in sorted(R)]
for at in range(0, len(rows), 8):
    print("    " + ", ".join(rows[at : at + 8]) + ",")
print("];")
