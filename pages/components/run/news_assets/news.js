// Asks the server for news, and tells Python when there are some: then the part of the page around it is drawn again.

const AGAIN = 10000; // milliseconds until it asks again after an error, or when nothing was drawn

class News {
  constructor() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("visibilitychange", () => document.hidden && this.question?.abort(), { signal });
  }

  destroy() {
    this.listening.abort();
    this.question?.abort();
    clearTimeout(this.timer);
  }

  // Called at every drawing. An answer on its way stays good, unless what was drawn is newer than the question.
  show({ address }) {
    clearTimeout(this.timer);
    if (this.address === address && this.asking) return;
    this.address = address;
    this.ask(address);
  }

  async ask(address) {
    this.asking = true;
    await this.visible();
    this.question = new AbortController();
    try {
      const answer = await fetch(new URL(address, document.baseURI), { signal: this.question.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      if (address !== this.address) return;
      this.asking = false;
      this.component.setTriggerValue("news", await answer.text());
    } catch {
      this.asking = false;
    }
    if (!this.listening.signal.aborted) this.timer = setTimeout(() => this.show({ address: this.address }), AGAIN);
  }

  // Nobody looks at a hidden tab: what is new can wait.
  visible() {
    if (!document.hidden) return Promise.resolve();
    return new Promise((resolve) => {
      const options = { signal: this.listening.signal };
      document.addEventListener("visibilitychange", () => document.hidden || resolve(), options);
    });
  }
}

export default mount(".news", News);
