// Requests to the exchange of the session (exchange.py): images, files, and computed responses.

class Exchange {
  constructor(address) {
    this.address = address;
  }

  url(name) {
    return new URL(`${this.address}/${name}`, document.baseURI).href;
  }

  // Returns the id of the stored file, or throws an Error with a code.
  async keep(file) {
    const response = await fetch(this.url("files"), { method: "POST", body: file });
    const told = await response.json().catch(() => ({}));
    if (!response.ok) throw Object.assign(new Error("not kept"), { code: told.error ?? response.status });
    return told.id;
  }

  // Returns { answer, wait }, with the seconds to wait before the next request. Without an answer, the server is busy.
  async ask(name, body) {
    const response = await fetch(this.url(name), { method: "POST", body });
    if (response.ok || response.status === 503) return response.json();
    throw new Error(String(response.status));
  }
}

// Returns the dropped files, including those in folders, each as { file, path }.
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const found = [];
  const read = async (entry) => {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      if (!file.name.startsWith(".")) found.push({ file, path: entry.fullPath.replace(/^\//, "") });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const each of some) await read(each);
    }
  };
  for (const entry of entries) await read(entry);
  return found;
}
