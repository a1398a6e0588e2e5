// The blocks of an object: text, tables, images, bars, and shapes. Python makes them in blocks.py.

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function titled(title, ...content) {
  const made = element("div", "block");
  if (title) made.append(element("p", "title", title));
  made.append(...content);
  return made;
}

const BLOCKS = {
  note: ({ text }) => element("p", "note", text),
  code: ({ title, text }) => titled(title, element("pre", "", text)),
  row({ blocks }) {
    const made = element("div", "row");
    made.append(...blocks.map(blockElement));
    return made;
  },
  table({ header, rows }) {
    const frame = element("div", "table"), made = element("table"), head = made.createTHead().insertRow(), body = made.createTBody();
    for (const text of header) head.append(element("th", "", text));
    for (const texts of rows) {
      const row = body.insertRow();
      for (const text of texts) row.append(element("td", /^[−-]?[\d.,]+(e[−-]?\d+)?$/.test(text) ? "number" : "", text));
    }
    frame.append(made);
    return frame;
  },
  flow({ steps }) {
    const made = element("div", "flow");
    steps.forEach(({ name, shape }, number) => {
      if (number) made.append(element("span", "arrow", "→"));
      const step = element("span", "step");
      step.append(element("b", "", name), element("code", "", shape));
      made.append(step);
    });
    return made;
  },
  tiles({ title, url, count, labels, correct, columns, size, alt, deal }) {
    const grid = element("div", "tiles");
    grid.setAttribute("role", "img");
    grid.setAttribute("aria-label", alt);
    grid.style.setProperty("--size", `${size}px`);
    if (columns) grid.style.setProperty("--columns", columns);
    grid.classList.toggle("fixed", columns > 0);
    grid.classList.toggle("labelled", labels.length > 0);
    grid.classList.toggle("deal", Boolean(deal));
    for (let number = 0; number < count; number++) {
      const tile = element("figure"), image = element("span", "image");
      image.style.backgroundImage = `url("${new URL(url, document.baseURI)}")`;
      image.style.backgroundSize = `${count * 100}% 100%`;
      image.style.backgroundPosition = `${count > 1 ? (number / (count - 1)) * 100 : 0}% 0`;
      tile.append(image);
      tile.style.setProperty("--number", number);
      if (labels.length) tile.append(element("figcaption", "", labels[number]));
      if (correct.length) tile.dataset.correct = correct[number];
      grid.append(tile);
    }
    return titled(title, grid);
  },
  picture({ url, alt }) {
    const image = element("img");
    image.src = new URL(url, document.baseURI);
    image.alt = alt;
    return image;
  },
  bars({ title, values, texts, label, alt }) {
    const chart = element("div", "bars"), largest = Math.max(...values.map(Math.abs)) || 1;
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", alt);
    values.forEach((value, digit) => {
      const bar = element("div", digit === label ? "bar label" : "bar"), track = element("span", "track"), fill = element("span", "fill");
      fill.style.width = `${(Math.abs(value) / largest) * 50}%`;
      fill.classList.toggle("negative", value < 0);
      track.append(fill);
      bar.append(element("b", "", String(digit)), track, element("span", "text", signed(texts[digit])));
      chart.append(bar);
    });
    return titled(title, chart);
  },
};

const blockElement = (block) => BLOCKS[block.kind](block);
