// Whoever trusts the server already has no need of this page.
const address = document.getElementById("open").href;
fetch(`${address}_matrix/client/versions`).then((answer) => { if (answer.ok) location.replace(address); }).catch(() => {});
