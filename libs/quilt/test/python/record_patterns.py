"""Records what Python 3.11 finds with many patterns: record_patterns.py | gzip -9n > golden/vectors/python_patterns.json.gz"""

import json
import random
import re
import sys
import warnings

warnings.simplefilter("ignore")

TEXTS = [
    "", "a", "b", "aa", "ab", "ba", "bb", "aaa", "aab", "aba", "abb", "bab", "abab", "A", "AB", "c", "abc", "a b", "a-b",
    "1", "10", "12", "\n", "ab\n", "a\nb", "ab\n\n", "a\r", "é", "É", "aé", "日", "😀", "a😀b", "٣", "½", "_", "-", ".", "[", "]",
    "{", "}", "a{,}", "a{1", "^", "$", "\\", "@", "(", "\x00", "\x08", "\x07", "\x1c", "\xa0", "\u2028", "\ufeff",
    "i", "I", "ı", "İ", "s", "ſ", "k", "\u212a", "ß", "ẞ", "ς", "σ", "Σ", "µ", "μ", "ι", "\u1fbe", "Ǆ", "ǅ", "ǆ", "ﬅ", "ﬆ",
    "ΰ", "ΰ", "θ", "ϑ", "ϴ", "Ω", "\u2126", "å", "\u212b", "Ꭰ", "ꭰ", "в", "ᲀ", "ꙋ", "ᲈ", "iI", "ıi", "σς", "Σσ", "kK",
    "team/name", "team/name-1", "x" * 40,
]  # fmt: skip

PATTERNS = r"""
(a)|b\1 (a)?b\1 (a)?\1b (a|b)*\1$ ^(?:(a)|b)*\1$ ^(?:(a)|(b))*\2\1$ (a*)b\1 (a*)\1b ^(a*)\1$ (?:(a)|b)\1 ((a)|b)\2 (a)(?:b|\1)
^(a?)(b?)\2\1$ (?i)(a)\1 (a)(?i:\1) (?i:(a))\1 (?i)(ı)\1 (?i)(σ)\1 (?i)(.)\1 (.)\1 ^(.+)\1$ ^(.+?)\1+$ (?P<x>a)(?P=x) (?P<x>a)|(?P=x)b
(?=(a))\1 (?!(a))\1b (?!(a))b (?<=(a))\1 (?<=(a)b)\1 (a)(?<=\1) (a)(?<=\1b) (?<=(a)\1) (a)b(?<=a\1) (a|bc)(?<=\1) (?<!(a))b (?:(a)){2}\1 (a){0}\1
\1(a) (a\1) (a)\2 (?P<x>a(?P=x)) \1 (a)\01 (a)\10 (a)\100 (a)\08 (a)\18 \100 \101 \400 \377 \8 \0 \00 \000 \0000 [\1] [\01] [\8] [\400] [\377] [\18]
(?<=a+)b (?<=a*)b (?<=a?)b (?<=a|bc)b (?<=a|b)b (?<=ab|ba)b (?<=a{2})b (?<=a{1,2})b (?<=a{0})b (?<=)b (?<!a+)b (?<!a)b (?<=(?:a|b){2})b (?<=^)a (?<=^a)b
(?<=\b)a (?<=a(?=b))b (?<=(?=a+))b (?<=(?<=a)b)a (?<=[ab])b (?<=.)b (?<=😀)b (?<=(?i:a))b (?<=$)a (?<=a\Z)
a{,} a{,2} a{2,} a{2} a{2,1} a{ a{} a{x} a{1 a{1, a{,1 a{1,2 a{1}{2} a{1}? a{1}?? a{1}* a{0} a{,0} a{00001} {1} ^{1} a|{1} ({1}) {,} { } x{ a{,}{ a{,}? a{4294967294} a{4294967295} a{99999999999} a{0,4294967295}
* + ? ** a** a*+ a++ a?+ a{1}+ a*? a+? a?? a*?? a*?+ (*) (?:*) |* (|*) ^* $* \b* \A* \Z+ (?=a)* (?=a)+ (?!a)? (?<=a)* (?=a)*? (?:)* ()* (?:a*)* (?:a*)*b (a*)*b (?:a?){3} (?:(?:a*)+)+b
(?#x)a a(?#x)* (?#x)* (?#x (?#) a(?#x)b (?i)* (?i)a* (?:a)* (?:(?:a)*)* (?:a*)* ((a)*)*
(?i)a (?i)A (?i)(?s)a. (?is)a. (?i)ab|c a|(?i)b a(?i)b (?i (?i: (?i-) (?i-s) (?i-s:a) (?-i:a) (?i)(?-i:a)b (?i:(?-i:a)b) (?i-i:a) (?s-i:a) (?-s:a.) (?s)(?-s:a.)
(?m)^b (?m)a$ (?m:^b) (?m)(?-m:^b) (?s:a.) (?a)\w (?a:\w) (?u:\w) (?u)\w (?au)a (?a)(?u)a (?u)(?a)a (?a-u:a) (?-a:a) (?L)a (?L:a) (?z)a (?:a (?-:a) (?-z:a) (?i#a) (?ii)a (?iii:a)
(?a)\d (?a)\s (?a)\b a(?a:\W) (?a)[\w] (?a)[^\w] (?ai)k (?ai)s (?ai)i (?ai)é (?ai)[k] (?ai)[a-z] (?ai)[^k] (?ai:K)é (?a)(?i:k)
(?i)i (?i)I (?i)ı (?i)İ (?i)s (?i)ſ (?i)k (?i)K (?i)ß (?i)ẞ (?i)σ (?i)ς (?i)Σ (?i)µ (?i)μ (?i)ι (?i)ǆ (?i)Ǆ (?i)ǅ (?i)ﬅ (?i)ﬆ (?i)ΰ (?i)ΰ (?i)θ (?i)ϑ (?i)ϴ (?i)Ω (?i)ω (?i)å (?i)Å
(?i)Ꭰ (?i)ꭰ (?i)в (?i)ᲀ (?i)ꙋ (?i)ᲈ (?i)[i] (?i)[I] (?i)[ı] (?i)[İ] (?i)[^i] (?i)[^ı] (?i)[a-z] (?i)[A-Z] (?i)[^a-z] (?i)[h-j] (?i)[s] (?i)[^s] (?i)[ß] (?i)[σ] (?i)[α-ω] (?i)[Α-Ω] (?i)[k-l] (?i)[\w] (?i)\w (?i)[^\W]
(?i)[İ-ı] (?i)[ĭ-Ĳ] (?i)[ſ] (?i)[ǅ] (?i)[µ] (?i)[Ω] (?i:i)I (?i:ı)i (?i:[a-i])I a(?i:b) (?i:a)b (?i:é) (?i)é (?i)[é] (?i)[^é] (?i)_ (?i)[_-] (?i)\. (?i)\u0130 (?i)\x49
[] [^] [^]] []] []a] [^]a] [a [a- [a-] [-a] [a-b] [b-a] [a-a] [--a] [a--] [+--] [a-b-c] [a-b-] [^-a] [\] [\]] [\\] [\d] [\d-a] [a-\d] [\w-] [-\w] [\s\S] [^\s\S] [\b] [\B] [\A] [\Z] [\q] [\x4] [\x41] [\u00e9] [\U0001F600] [\U00110000] [\n] [[] [[a]] [[:alpha:]] [a&&b] [a||b] [a--b] [a~~b] [&&] [.] [$^] [(] [a|b] [é-日] [😀] [^😀] [😀-😁] [\-a] [a\-z] [\^a] [^\^]
\d \D \w \W \s \S \b \B \A \Z \z \G \q \x \x4 \x41 \u \u00e \u00e9 \U \U0001F600 \U00110000 \N \N{BULLET} \N{x} \a \f \n \r \t \v \e \c \- \. \_ \é \/ \" \@ \
. ^ $ ^$ ^\Z \A$ a$ a\Z ^a a^ $a a$b .* .+ ^.$ ^..$ ^.*$ ^.*\Z (?s)^.*$ (?s)^.$ a| |a | () (|a) (a|) (?:) (?:|) ( ) (a (a)) a) (?) (?a (?: (?= (?! (?<) (?<a (?<a>b) (?P (?P> (?Pa) (?P<) (?P<> (?P<>a) (?P<1>a) (?P<a-b>a) (?P<é>a)(?P=é) (?P<a>b)(?P<a>c) (?P=a) (?P=) (?P=1) (?P>a) (?R) (?1) (?'a'b) (?|a) (?&a) (?!) (?=) a(?!) (?!)|a (?<!) (?=a)b (?=a).
(?>a) (?>a*)a (a)?(?(1)b|c) (?(1)a) (?(x)a) (?x)a (?x:a) (?-x:a) (?ix)a
^\w+/\w+$ ^[a-z]+/[a-z0-9-]+$ ^(?!x)[\w/-]+$ ^team/(?P<n>\w+)(-\d+)?$ (x+x+)+y
""".split("\n")

PIECES = r"a b . ^ $ \b \w \d [ab] [^a] ( (?: ) ) | * + ? {2} {,1} {1,} {, \1 \2 (?P<n> (?P=n) (?= (?! (?<= (?<! (?i) (?i: (?s: *? +? é i \n - \. c".split(" ")


def found(pattern, texts):
    try:
        compiled = re.compile(pattern)
    except (re.error, ValueError, OverflowError, RecursionError):
        return None
    return "".join("1" if compiled.search(text) else "0" for text in texts)


chance = random.Random(20)
made = ["".join(chance.choices(PIECES, k=chance.randint(2, 8))) for _ in range(8000)]
# Most texts by chance are no patterns: as many of those as are worth it.
made = [each for index, each in enumerate(dict.fromkeys(made)) if index % 8 == 0 or found(each, []) is not None]
given = [pattern for line in PATTERNS for pattern in line.split(" ")] + ["a b", "(?#a b)", "[ ]", "\n", "(?x)a b"]
patterns = [pattern for pattern in dict.fromkeys(given + made) if "x+x+" not in pattern]
rows = ",\n".join(json.dumps({"pattern": each, "found": found(each, TEXTS if each in given else TEXTS[:24])}) for each in patterns)
sys.stdout.write(f'{{"texts": {json.dumps(TEXTS)},\n"patterns": [\n{rows}\n]}}\n')
