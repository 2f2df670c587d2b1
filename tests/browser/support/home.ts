// A home folder for a browser whose person trusts another root than those that came with it.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Makes one in `folder`, for Chromium; `root` is a certificate in PEM. */
export async function homeThatTrusts(root: string, folder: string): Promise<string> {
  const home = await mkdtemp(join(folder, "home-"));
  const [database, file] = [join(home, ".pki", "nssdb"), join(home, "root.pem")];
  await mkdir(database, { recursive: true });
  await writeFile(file, root);
  await run("certutil", ["-d", `sql:${database}`, "-N", "--empty-password"]);
  await run("certutil", ["-d", `sql:${database}`, "-A", "-t", "C,,", "-n", "root", "-i", file]);
  return home;
}
