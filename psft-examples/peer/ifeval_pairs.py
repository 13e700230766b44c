"""Makes pairs of an instruction of IFEval and a text, with the verdicts of lm-eval's checker, as lines of JSON.

    pip install lm-eval==0.4.11 langdetect==1.0.9 nltk==3.10.4 immutabledict
    python -c "import nltk; nltk.download('punkt_tab')"
    python ifeval_pairs.py 1300 1 > pairs.jsonl

Fields: id, kwargs, text, strict, loose, and the share of 15 repeats whose verdicts are those (1 but for checks of the
language, which langdetect decides by chance). Arguments: how many pairs, seed, and perhaps the longest text.
"""
import json
import random
import sys
from collections import Counter

from langdetect import DetectorFactory
from lm_eval.tasks.ifeval import utils

COUNT, SEED = int(sys.argv[1]), int(sys.argv[2])
LONGEST = int(sys.argv[3]) if len(sys.argv) > 3 else 700
REPEATS = 15
rng = random.Random(SEED)

LANGUAGES = {
    "en": "The river runs slowly past the old mill. Children throw bread to the ducks, and nobody is in a hurry.",
    "es": "El río corre despacio junto al viejo molino. Los niños echan pan a los patos y nadie tiene prisa.",
    "pt": "O rio corre devagar ao lado do velho moinho. As crianças jogam pão aos patos e ninguém tem pressa.",
    "ar": "يجري النهر ببطء قرب الطاحونة القديمة. يرمي الأطفال الخبز للبط ولا أحد في عجلة من أمره.",
    "hi": "नदी पुरानी चक्की के पास धीरे-धीरे बहती है। बच्चे बत्तखों को रोटी डालते हैं और किसी को जल्दी नहीं है।",
    "fr": "La rivière coule lentement près du vieux moulin. Les enfants jettent du pain aux canards et personne n'est pressé.",
    "ru": "Река медленно течёт мимо старой мельницы. Дети бросают хлеб уткам, и никто никуда не спешит.",
    "de": "Der Fluss fließt langsam an der alten Mühle vorbei. Die Kinder werfen den Enten Brot zu, und niemand hat es eilig.",
    "ja": "川は古い水車小屋のそばをゆっくり流れている。子どもたちはアヒルにパンを投げ、だれも急いでいない。",
    "it": "Il fiume scorre lentamente accanto al vecchio mulino. I bambini gettano il pane alle anatre e nessuno ha fretta.",
    "bn": "নদী পুরনো কলের পাশ দিয়ে ধীরে বয়ে যায়। শিশুরা হাঁসদের রুটি দেয়, কারও কোনো তাড়া নেই।",
    "uk": "Річка повільно тече повз старий млин. Діти кидають хліб качкам, і ніхто нікуди не поспішає.",
    "th": "แม่น้ำไหลช้าๆ ผ่านโรงสีเก่า เด็กๆ โยนขนมปังให้เป็ด และไม่มีใครรีบร้อน",
    "ur": "دریا پرانی چکی کے پاس سے آہستہ آہستہ بہتا ہے۔ بچے بطخوں کو روٹی ڈالتے ہیں اور کسی کو جلدی نہیں ہے۔",
    "ta": "ஆறு பழைய ஆலையின் அருகே மெதுவாக ஓடுகிறது. குழந்தைகள் வாத்துகளுக்கு ரொட்டி போடுகிறார்கள், யாருக்கும் அவசரம் இல்லை.",
    "te": "నది పాత మిల్లు పక్కన నెమ్మదిగా ప్రవహిస్తుంది. పిల్లలు బాతులకు రొట్టె వేస్తారు, ఎవరికీ తొందర లేదు.",
    "bg": "Реката тече бавно край старата воденица. Децата хвърлят хляб на патиците и никой не бърза.",
    "ko": "강은 오래된 방앗간 옆을 천천히 흐른다. 아이들은 오리에게 빵을 던지고 아무도 서두르지 않는다.",
    "pl": "Rzeka płynie powoli obok starego młyna. Dzieci rzucają kaczkom chleb i nikomu się nie spieszy.",
    "he": "הנהר זורם לאט ליד הטחנה הישנה. הילדים זורקים לחם לברווזים ואיש אינו ממהר.",
    "fa": "رودخانه آرام از کنار آسیاب قدیمی می‌گذرد. بچه‌ها برای اردک‌ها نان می‌اندازند و هیچ‌کس عجله ندارد.",
    "vi": "Con sông chảy chậm qua cối xay cũ. Trẻ em ném bánh mì cho vịt và không ai vội vàng.",
    "ne": "नदी पुरानो घट्टको छेउबाट बिस्तारै बग्छ। केटाकेटीहरूले हाँसलाई रोटी हाल्छन् र कसैलाई हतार छैन।",
    "sw": "Mto unapita polepole karibu na kinu cha zamani. Watoto wanawatupia bata mkate na hakuna mtu mwenye haraka.",
    "kn": "ನದಿ ಹಳೆಯ ಗಿರಣಿಯ ಪಕ್ಕದಲ್ಲಿ ನಿಧಾನವಾಗಿ ಹರಿಯುತ್ತದೆ. ಮಕ್ಕಳು ಬಾತುಕೋಳಿಗಳಿಗೆ ರೊಟ್ಟಿ ಹಾಕುತ್ತಾರೆ, ಯಾರಿಗೂ ಅವಸರವಿಲ್ಲ.",
    "mr": "नदी जुन्या गिरणीजवळून हळूहळू वाहते. मुले बदकांना पाव टाकतात आणि कोणालाही घाई नाही.",
    "gu": "નદી જૂની ઘંટી પાસેથી ધીમે ધીમે વહે છે. બાળકો બતકોને રોટલી નાખે છે અને કોઈને ઉતાવળ નથી.",
    "pa": "ਨਦੀ ਪੁਰਾਣੀ ਚੱਕੀ ਦੇ ਕੋਲੋਂ ਹੌਲੀ ਹੌਲੀ ਵਗਦੀ ਹੈ। ਬੱਚੇ ਬੱਤਖਾਂ ਨੂੰ ਰੋਟੀ ਪਾਉਂਦੇ ਹਨ ਅਤੇ ਕਿਸੇ ਨੂੰ ਕੋਈ ਕਾਹਲੀ ਨਹੀਂ ਹੈ।",
    "ml": "നദി പഴയ മില്ലിന്റെ അരികിലൂടെ പതുക്കെ ഒഴുകുന്നു. കുട്ടികൾ താറാവുകൾക്ക് റൊട്ടി എറിയുന്നു, ആർക്കും തിരക്കില്ല.",
    "fi": "Joki virtaa hitaasti vanhan myllyn ohi. Lapset heittävät sorsille leipää, eikä kenelläkään ole kiire.",
}

SENTENCES = [
    "Mr. Brown met Dr. Green at 5 p.m. on Friday.",
    "The U.S. economy grew by 3.5 percent in Sept. and slowed later.",
    "It was late... The lamp went out.",
    "We waited . . . and then it rained.",
    "J. R. Miller wrote it with A. Smith.",
    "See No. 5, Fig. 3 and p. 12 for the plan.",
    "Some tools (e.g. a saw, i.e. the small one) are enough, etc.",
    "\"Is it true?\" she asked. \"Of course!\" he said.",
    "She arrived at 10 a.m. The meeting had begun.",
    "Visit https://example.org/a.b?c=1 or write to me@example.org today!",
    "What?! No way!!! Really...",
    "He lives on Elm St. It is a quiet street.",
    "The firm, Acme Inc., sold 1,000 units at $4.50 each.",
    "Version 2.0.1 is out; it fixes 12 faults: all of them old.",
    "They said (and I quote) 'never again.' Then they left.",
    "1. Boil the water. 2. Add the tea. 3. Wait.",
    "I don't know, but I'll ask; you've been kind and it's fine.",
    "Prof. Lee, Ph.D., of the U.K. disagrees.",
    "Nothing is certain \u2014 not even that. \u201cWell.\u201d They nodded.",
    "A and b. C and d. E.",
    "The cat sat. the dog ran. and so on.",
    "In 1989. However it changed.",
    "NASA AND ESA SIGNED A STATE-OF-THE-ART DEAL. IT'S BIG. DON'T PANIC.",
    "I CANNOT SAY 'HELLO' TO THE \u2018WORLD\u2019, WE'LL SEE AT 10 A.M.",
    "It rained.It stopped.",
    "Yes: no; maybe, perhaps!",
    "The story of a story: another STORY, told in a storybook.",
    "Peace and war, war and peace.",
    "This is a test of the word count \u2014 na\u00efve caf\u00e9, co-operate, snake_case, 3D.",
]
MARKS = {
    "detectable_format:number_bullet_lists": [
        "* one", "* two", "*three", "  - four", "- five", "-- six", "** seven **", "+ eight", "\u2022 nine", "***"],
    "detectable_format:number_highlighted_sections": [
        "*bold words*", "**very bold**", "* *", "***", "******", "**a** *b*", "*a *b* c*", "*one", "**two*"],
    "detectable_content:number_placeholders": ["[name]", "[your address]", "[]", "[open", "[a][b]", "[two\nlines]", "]["],
    "detectable_format:title": ["<<A title>>", "<< >>", "<<<>>>", "<title>", "<<a>> and <<b>>", ">>x<<", "<<two\nlines>>"],
    "detectable_format:multiple_sections": [
        "SECTION 1", "SECTION 2", "Section 3", "Section4", "section 5", "SECTION A", "PARAGRAPH 1", "Day 2", "SECTION  7"],
    "detectable_content:postscript": [
        "P.S. Bring bread.", "P.P.S. And wine.", "p.s. small", "P. S. spaced", "P.P.S", "PS no dots", "P. P. S. all", "N.B. x"],
    "detectable_format:constrained_response": [
        "My answer is yes.", "My answer is no.", "My answer is maybe.", "my answer is yes.", "My answer is yes", "Yes."],
    "detectable_format:json_format": [
        '{"a": [1, 2, {"b": null}]}', '```json\n{"x": 1}\n```', "[1, 2,]", "{'a': 1}", '"text"', "12", "NaN", "{}",
        '```JSON\n[true]```', "-Infinity", "INF", '{"a":1}{"b":2}', '```\n"\\u00e9"\n```', '"a\tb"', "01", "1e5",
        "``````", '{"a": 1, "a": 2}', "```json {} ``` ```", "[1] // x", "+1", ".5", "1.", '["\\x"]', "tru", "[NaN]"],
    "startend:quotation": ['"', '"Yes."', '" "', "'No.'", "\u201cNo.\u201d", '"a" and "b"', '"x'],
    "keywords:existence": ["A story.", "Bread and river.", "warm", "PEACE", "th3", "caf\u00c9"],
    "length_constraints:number_paragraphs": ["a", "***", "b", "***", "c", "\n***\n", "****", "* **"],
    "change_case:capital_word_frequency": [
        "'TIS", "A-'B", "X'S", "GONNA", "CANNOTS", "WANNA go", "D'YE", "MORE'N", "A,B", "A,1", "A:B", "A;B", "A--B",
        "A...B", "U.S.A", "I'M", "N'T", "O'NEIL", "DOGS'", "'S", "WE'LL'S", "DON'T'", "Abc", "3D", "A/B", "R&D", "X_Y"],
    "other": [
        "Is there anything else I can help with?", "Peace!", "Hope you agree with me.", "\"", "'", ",", ";", "\u00a0",
        "\u2003", "\t", "\r\n", "\u2028", "#", "!", "###", "\u2019S", "\u0130stanbul", "STRA\u00dfE", "\u01c5",
        "\u2160\u2161", "\u0391\u0392", "\u00aa", "x\u00b2", "\u0e01\u0e33", "\U0001f600"],
}
ALL_MARKS = [mark for marks in MARKS.values() for mark in marks]
KEYWORDS = ["story", "war", "peace", "bread", "river", "it", "th.", "a b", "word count", "caf\u00e9", "na\u00efve", "s", "3.5"]
WORDS = ["The", "however", "It", "We", "they", "'Is", '"Is', "no", "children", "J", "What", "-"]


def some(items, low, high):
    return [rng.choice(items) for _ in range(rng.randint(low, high))]


def text(kind):
    own = MARKS.get(kind)
    marks = own if own and rng.random() < 0.7 else ALL_MARKS
    form = rng.random() if marks is not own else rng.choice([0.3, 0.5, 0.7, 0.7, 0.78])
    if form < 0.25:
        body = " ".join(some(SENTENCES, 1, 5))
    elif form < 0.45:
        body = "\n".join(some(SENTENCES[:4] + marks, 1, 6))
    elif form < 0.6:
        body = rng.choice(["\n\n", "\n\n\n", "\n***\n", "***", "\n \n", " "]).join(some(SENTENCES[:4] + marks, 1, 5))
    elif form < 0.75:
        body = "".join(a + rng.choice(["", " ", "\n", ". ", "? ", ".\n"]) for a in some(marks, 1, 8))
    elif form < 0.8:
        body = rng.choice(marks)
    elif form < 0.9:
        body = rng.choice(list(LANGUAGES.values()))
    else:
        body = "".join(rng.choice("aAbB.?!,'\"*-[]<>() \n\t\u00a01") for _ in range(rng.randint(0, 40)))
    change = rng.random()
    if change < 0.06:
        body = body.upper()
    elif change < 0.12:
        body = body.lower()
    elif change < 0.18:
        body = '"' + body + '"'
    elif change < 0.24:
        body = "Sure, here is the answer:\n" + body
    elif change < 0.3:
        body = body + "\nI hope this helps, friend."
    elif change < 0.34:
        body = body + rng.choice([" ", "\n", "\u00a0", "\n\n"])
    elif change < 0.36:
        body = rng.choice(["", " ", "\n", "*"])
    return body[:LONGEST]


def relation():
    return rng.choice(["at least", "less than"])


def small():
    return rng.randint(1, 6)


def language():
    own = rng.choice(list(LANGUAGES))
    sample = LANGUAGES[own]
    if rng.random() < 0.3:
        sample = sample.split(".")[0]
    if rng.random() < 0.2:
        sample += " " + LANGUAGES[rng.choice(list(LANGUAGES))]
    return {"language": own if rng.random() < 0.6 else rng.choice(list(LANGUAGES))}, sample


def english(change):
    sample = " ".join(some(SENTENCES + [LANGUAGES["en"]], 1, 6))
    if rng.random() < 0.3:
        sample = LANGUAGES[rng.choice(["de", "fr", "es", "fi", "ru", "en"])]
    if rng.random() < 0.15:
        sample = rng.choice(["12:30", "!!!", "A1", "b", "42 x"])
    return {}, change(sample) if rng.random() < 0.85 else sample


def number(low, high):
    return lambda: rng.randint(low, high)


def plain(**makers):
    return lambda: ({name: make() for name, make in makers.items()}, None)


def nth():
    parts = rng.randint(1, 4)
    words = some(WORDS, parts, parts)
    body = rng.choice(["\n\n", "\n\n", "\n\n\n\n", "\n"]).join(
        w + rng.choice([" ", ", ", ". ", "' ", '" ']) + rng.choice(SENTENCES) for w in words)
    n = rng.randint(1, parts)
    return {"num_paragraphs": parts if rng.random() < 0.8 else parts + 1, "nth_paragraph": n,
            "first_word": words[n - 1] if rng.random() < 0.7 else rng.choice(WORDS)}, body


def repeat():
    prompt = rng.choice(SENTENCES)
    change = rng.choice([str, str.upper, str.lower, lambda s: " " + s, lambda s: s[1:]])
    return {"prompt_to_repeat": prompt}, change(prompt) + "\n" + rng.choice(SENTENCES)


def two():
    a, b = rng.choice(SENTENCES), rng.choice(SENTENCES)
    return {}, rng.choice([a + "\n******\n" + b, a + "******" + a, "******" + a + "******" + b + "******", a + "***" + b,
                           a + "************" + b, a + "******\n******" + b, a + " ***** " + b])


def ending():
    phrase = rng.choice(["Peace!", "Is there anything else I can help with?", "Hope you agree with me.", "in India."])
    tail = rng.choice([phrase, phrase.upper(), phrase + '"', phrase + " ", phrase + ".", phrase[:-1], phrase + '\n"""', "no"])
    return {"end_phrase": phrase}, rng.choice(SENTENCES) + " " + tail


KINDS = {
    "keywords:existence": plain(keywords=lambda: some(KEYWORDS, 1, 2)),
    "keywords:frequency": plain(keyword=lambda: rng.choice(KEYWORDS), frequency=number(1, 4), relation=relation),
    "keywords:forbidden_words": plain(forbidden_words=lambda: some(KEYWORDS, 1, 3)),
    "keywords:letter_frequency": plain(letter=lambda: rng.choice("aeTsOz"), let_frequency=number(1, 12), let_relation=relation),
    "language:response_language": language,
    "length_constraints:number_sentences": plain(num_sentences=number(1, 9), relation=relation),
    "length_constraints:number_paragraphs": plain(num_paragraphs=number(1, 4)),
    "length_constraints:number_words": plain(num_words=number(1, 60), relation=relation),
    "length_constraints:nth_paragraph_first_word": nth,
    "detectable_content:number_placeholders": plain(num_placeholders=number(1, 3)),
    "detectable_content:postscript": plain(postscript_marker=lambda: rng.choice(["P.S.", "P.P.S", "N.B"])),
    "detectable_format:number_bullet_lists": plain(num_bullets=number(1, 4)),
    "detectable_format:constrained_response": plain(),
    "detectable_format:number_highlighted_sections": plain(num_highlights=number(1, 4)),
    "detectable_format:multiple_sections": plain(
        section_spliter=lambda: rng.choice(["SECTION", "Section", "PARAGRAPH", "Day"]), num_sections=number(1, 3)),
    "detectable_format:json_format": plain(),
    "detectable_format:title": plain(),
    "combination:two_responses": two,
    "combination:repeat_prompt": repeat,
    "startend:end_checker": ending,
    "startend:quotation": plain(),
    "change_case:capital_word_frequency": plain(capital_frequency=number(1, 9), capital_relation=relation),
    "change_case:english_capital": lambda: english(str.upper),
    "change_case:english_lowercase": lambda: english(str.lower),
    "punctuation:no_comma": plain(),
}


def verdicts(kind, kwargs, body):
    row = {"key": 0, "prompt": "p", "instruction_id_list": [kind], "kwargs": [kwargs]}
    scores = utils.process_results(row, [body])
    return scores["prompt_level_strict_acc"], scores["prompt_level_loose_acc"]


for n in range(COUNT):
    kind = list(KINDS)[n % len(KINDS)]
    kwargs, body = KINDS[kind]()
    if body is None or rng.random() < 0.2:
        body = text(kind)
    repeats = REPEATS if kind.startswith(("language", "change_case:english")) else 1
    seen = Counter()
    for seed in range(repeats):
        DetectorFactory.seed = seed
        seen[verdicts(kind, kwargs, body)] += 1
    (strict, loose), times = seen.most_common(1)[0]
    print(json.dumps({"id": kind, "kwargs": kwargs, "text": body, "strict": strict, "loose": loose,
                      "share": round(times / repeats, 2)}, ensure_ascii=False))
