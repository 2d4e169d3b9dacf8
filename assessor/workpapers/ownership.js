// The ownership view: draws boxes and arrows from the data beside it, and shows more of them when asked.
// No library, no request, no state outside the page. Texts are set as text, never as markup.
const SVG = "http://www.w3.org/2000/svg";
const WIDE = 150, NARROW = 96, NAME = 11, SMALL = 9.5, WHOLE = 40, FIRST = 12, LEGIBLE = 0.6;
const LOOKS = {
  own: { line: "#7a1414", width: 2, fill: "#fbecec" },
  established: { line: "#7a1414", width: 2.6, fill: "#fbecec" },
  possible: { line: "#123f73", width: 1.7, dashes: "7 4", fill: "#eef3fa" },
  undisclosed: { line: "#333333", width: 1.7, dashes: "2 3.5", fill: "#ffffff" },
  excluded: { line: "#333333", width: 0.9, fill: "#ffffff" },
};
const CSS = `
.assessor-ownership .ao-bar { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; margin: 6px 0; font: 13px sans-serif; }
.assessor-ownership .ao-bar button, .assessor-ownership .ao-panel button { font: 13px sans-serif; padding: 3px 9px; border: 1px solid #6b7280; border-radius: 4px; background: #ffffff; color: #111111; cursor: pointer; }
.assessor-ownership .ao-bar button:focus-visible, .assessor-ownership .ao-panel button:focus-visible { outline: 3px solid #1a66cc; outline-offset: 1px; }
.assessor-ownership .ao-pane { border: 1px solid #9aa0a6; background: #ffffff; height: 200px; resize: vertical; overflow: hidden; }
.assessor-ownership .ao-pane svg { width: 100%; height: 100%; display: block; cursor: grab; touch-action: none; user-select: none; }
.assessor-ownership .ao-pane svg:focus-visible { outline: 3px solid #1a66cc; outline-offset: -3px; }
.assessor-ownership .ao-pane g[role=button] { cursor: pointer; outline: none; }
.assessor-ownership .ao-pane g[role=button]:focus-visible > .ao-ring, .assessor-ownership .ao-pane g.ao-chosen > .ao-ring { stroke: #1a66cc; stroke-width: 3; }
.assessor-ownership .ao-panel { border: 1px solid #9aa0a6; border-top: 0; background: #f6f7f9; color: #111111; padding: 8px 12px; font: 13px/1.45 sans-serif; min-height: 3em; overflow-wrap: anywhere; }
.assessor-ownership .ao-panel h4 { margin: 0 0 4px; font: bold 14px sans-serif; color: #111111; }
.assessor-ownership .ao-panel p, .assessor-ownership .ao-panel ul { margin: 2px 0; }
@media print { .assessor-ownership .ao-bar, .assessor-ownership .ao-panel { display: none; } }`;

const measure = (() => {
  const context = document.createElement("canvas").getContext("2d");
  return (text, size, bold) => {
    context.font = `${bold ? "bold " : ""}${size}px "DejaVu Sans", Verdana, sans-serif`;
    return context.measureText(text).width;
  };
})();

// Lines no wider than `room`, broken at spaces and hyphens, and inside words that are longer.
const wrap = (text, size, bold, room, most) => {
  const lines = [];
  let line = "";
  for (let piece of String(text).split(/(?<=[\s-])|(?=[\u3000-\u9fff\uac00-\ud7af])/u)) {
    if (line && measure((line + piece).trimEnd(), size, bold) > room) { lines.push(line.trimEnd()); line = ""; }
    while (piece.length > 2 && measure(piece.trimEnd(), size, bold) > room) {
      const letters = Array.from(piece);
      let at = letters.length - 1;
      while (at > 1 && measure(letters.slice(0, at).join(""), size, bold) > room) at -= 1;
      lines.push(letters.slice(0, at).join(""));
      piece = letters.slice(at).join("");
    }
    line += piece;
  }
  if (line.trim()) lines.push(line.trimEnd());
  return lines.length > most ? [...lines.slice(0, most - 1), lines[most - 1].slice(0, -1) + "…"] : lines;
};

const element = (name, attributes, ...children) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
// JupyterLab looks for its keys at the focused element first: there it is told that keys here are ours.
const OURS = { "data-lm-suppress-shortcuts": "true" };
const html = (name, text, attributes) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  return made;
};

const enliven = (root) => {
  const { boxes, arrows, subject, start } = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const picture = root.querySelector("img");
  const first = start.length > WHOLE ? start.slice(0, FIRST) : start;
  const visible = new Set(first);
  const holders = boxes.map(() => new Set()), holdings = boxes.map(() => new Set());
  for (const arrow of arrows) {
    if (arrow.holder === arrow.held) continue;
    holders[arrow.held].add(arrow.holder);
    holdings[arrow.holder].add(arrow.held);
  }
  const bar = html("div", undefined, { class: "ao-bar", role: "toolbar", "aria-label": "Ownership view" });
  const pane = html("div", undefined, { class: "ao-pane" });
  const panel = html("div", undefined, { class: "ao-panel", role: "region", "aria-live": "polite", "aria-label": "Details" });
  const svg = element("svg", { ...OURS, tabindex: "0", role: "application", "aria-label": "Ownership chart. Tab goes from box to box, Enter shows details, plus and minus zoom, arrow keys move the picture, 0 shows all of it." });
  const hint = "Tab goes from box to box, Enter shows details and evidence, ▲ and ▼ show more holders and holdings; + and − zoom, 0 fits, arrow keys move.";
  pane.append(svg);
  let frame = { x: 0, y: 0, wide: 100, high: 100 }, whole = frame, chosen = null;

  const show = () => svg.setAttribute("viewBox", `${frame.x} ${frame.y} ${frame.wide} ${frame.high}`);
  const fit = () => {
    const ratio = (pane.clientWidth || 800) / (pane.clientHeight || 480);
    const wide = Math.max(whole.wide, whole.high * ratio, (pane.clientWidth || 800) / 1.4), high = wide / ratio;
    frame = { x: (whole.wide - wide) / 2, y: (whole.high - high) / 2, wide, high };
    show();
  };
  const zoom = (factor, x = frame.x + frame.wide / 2, y = frame.y + frame.high / 2) => {
    const wide = Math.min(20 * whole.wide + 2000, Math.max(120, frame.wide / factor)), by = wide / frame.wide;
    frame = { x: x - (x - frame.x) * by, y: y - (y - frame.y) * by, wide, high: frame.high * by };
    show();
  };
  // All of it, or, where that would be too small to read, the part around one box.
  const settle = (spot) => {
    fit();
    const clear = (pane.clientWidth || 800) / LEGIBLE;
    if (frame.wide <= clear) return;
    zoom(frame.wide / clear);
    const within = (middle, long, all) => (all < long ? (all - long) / 2 : Math.max(0, Math.min(all - long, middle - long / 2)));
    frame.x = within(spot.x, frame.wide, whole.wide);
    frame.y = within(spot.y + spot.high / 2, frame.high, whole.high);
    show();
  };
  const move = (x, y) => { frame.x += x * frame.wide; frame.y += y * frame.high; show(); };

  const texts = (box) => {
    const hidden = box.state === "undisclosed", room = (hidden ? NARROW : WIDE) - 18 - (box.state === "own" ? 11 : 0);
    const bold = box.state === "own" || box.id === subject;
    const told = hidden ? [["?", 15, true]] : [];
    for (const line of wrap(box.label, NAME, bold, room, 6)) told.push([line, NAME, bold]);
    for (const note of [box.where, ...box.notes]) {
      if (note) for (const line of wrap(note, SMALL, false, room, 5)) told.push([line, SMALL, false]);
    }
    return told;
  };

  const say = (title, lines, buttons) => {
    panel.replaceChildren(...(title ? [html("h4", title, { dir: "auto" })] : []));
    for (const line of lines) panel.append(html("p", line, { dir: "auto" }));
    for (const [text, action] of buttons) {
      const button = html("button", text, { ...OURS, type: "button" });
      button.addEventListener("click", action);
      panel.append(button, " ");
    }
  };
  const open = (arrow) => {
    const told = new CustomEvent("assessor-evidence", { bubbles: true, cancelable: true, detail: { source: arrow.source, locator: arrow.locator } });
    if (!root.dispatchEvent(told)) return;
    const link = [...root.querySelectorAll("a[title]")].find((one) => one.title === `${arrow.source} ${arrow.locator}`.trim());
    if (link) link.click();
  };
  const linked = (arrow) => [...root.querySelectorAll("a[title]")].some((one) => one.title === `${arrow.source} ${arrow.locator}`.trim());
  const expand = (key, more) => { for (const other of more[key]) visible.add(other); draw(key); };
  const hidden = (key, more) => [...more[key]].filter((other) => !visible.has(other)).length;
  const tell = (key) => {
    const box = boxes[key], buttons = [];
    const up = hidden(key, holders), down = hidden(key, holdings);
    if (up) buttons.push([`Show ${up} more ${up === 1 ? "holder" : "holders"}`, () => { expand(key, holders); tell(key); }]);
    if (down) buttons.push([`Show ${down} more ${down === 1 ? "holding" : "holdings"}`, () => { expand(key, holdings); tell(key); }]);
    if (key !== subject) buttons.push(["Hide this box", () => { visible.delete(key); draw(subject); say("", [hint], []); }]);
    const lines = [...(box.told ? [box.told] : []), ...(box.others.length ? [`Other names and ids: ${box.others.join("; ")}`] : [])];
    for (const arrow of arrows) {
      if (arrow.held === key || arrow.holder === key) lines.push(arrow.told);
    }
    if (box.beyond) lines.push("Further holders or holdings are not in this view.");
    if (lines.length > 14) lines.splice(13, lines.length, `… and ${lines.length - 13} more; see the table below.`);
    say(box.name, lines, buttons);
  };
  const tellRun = (run) => {
    const buttons = run.arrows.filter(linked).map((arrow) => [`Open ${`${arrow.source} ${arrow.locator}`.trim()}`, () => open(arrow)]);
    say("Interest", run.arrows.map((arrow) => arrow.told), buttons);
    for (const arrow of run.arrows) if (!linked(arrow)) open(arrow);
  };

  const choose = (group) => {
    svg.querySelectorAll(".ao-chosen").forEach((one) => one.classList.remove("ao-chosen"));
    if (group) group.classList.add("ao-chosen");
  };
  const acts = (group, action) => {
    group.addEventListener("click", () => { if (!dragged) { choose(group); action(); } });
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); choose(group); action(); }
    });
    group.addEventListener("focus", () => { if (group.matches(":focus-visible")) reveal(group); });
    return group;
  };
  const reveal = (group) => {
    const area = group.getBBox();
    if (area.x < frame.x || area.x + area.width > frame.x + frame.wide) frame.x = area.x + area.width / 2 - frame.wide / 2;
    if (area.y < frame.y || area.y + area.height > frame.y + frame.high) frame.y = area.y + area.height / 2 - frame.high / 2;
    show();
  };
  const text = (x, y, words, size, bold, anchor) => element("text", { x, y, "font-size": size, "text-anchor": anchor || "middle", "font-weight": bold ? "bold" : "normal", fill: "#000000" }, words);
  const line = (look, attributes) => ({ stroke: look.line, "stroke-width": look.width, ...(look.dashes ? { "stroke-dasharray": look.dashes } : {}), ...attributes });

  const draw = (focus) => {
    const shown = new Map();
    boxes.forEach((box, key) => {
      if (!visible.has(key)) return;
      box.id = key;
      box.lines = texts(box);
      shown.set(key, Object.assign(box, { wide: box.state === "undisclosed" ? NARROW : WIDE, high: box.lines.reduce((sum, [, size]) => sum + size + 3, 12) }));
    });
    const runs = new Map();
    for (const arrow of arrows) {
      if (arrow.holder === arrow.held || !visible.has(arrow.holder) || !visible.has(arrow.held)) continue;
      const key = `${arrow.holder}>${arrow.held}`;
      if (!runs.has(key)) runs.set(key, { holder: arrow.holder, held: arrow.held, arrows: [] });
      runs.get(key).arrows.push(arrow);
    }
    for (const run of runs.values()) {
      run.lines = run.arrows.flatMap((arrow) => wrap(arrow.label || "…", SMALL, false, 130, 5));
      run.wide = Math.max(...run.lines.map((one) => measure(one, SMALL)));
      run.high = run.lines.length * (SMALL + 2.5);
    }
    const before = frame, sizeBefore = whole;
    const { spots, wide, high } = lay(shown, [...runs.values()], subject);
    whole = { x: 0, y: 0, wide, high };
    pane.style.height = `${Math.max(pane.clientHeight, Math.min(520, Math.max(200, high * 1.1)))}px`;
    svg.replaceChildren();
    for (const run of runs.values()) drawRun(run);
    for (const [key, box] of shown) drawBox(key, box, spots.get(key));
    if (focus === undefined || sizeBefore.wide !== wide || sizeBefore.high !== high) settle(spots.get(focus === undefined ? subject : focus));
    else { frame = before; show(); }
    const again = focus !== undefined && svg.querySelector(`[data-box="${focus}"]`);
    if (again) { choose(again); again.focus({ preventScroll: true }); }
  };

  const drawRun = (run) => {
    const order = Object.keys(LOOKS), state = run.arrows.map((arrow) => arrow.state).sort((a, b) => order.indexOf(a) - order.indexOf(b))[0];
    const look = LOOKS[state], upper = run.spots[0], lower = run.spots[run.spots.length - 1];
    const top = upper.y + upper.high, bottom = lower.y, curve = (from, to) => {
      const middle = (from[1] + to[1]) / 2;
      return Math.abs(from[0] - to[0]) < 0.5 ? `L${to.join(" ")}` : `C${from[0]} ${middle} ${to[0]} ${middle} ${to.join(" ")}`;
    };
    let at = [run.first, top + (run.upwards ? HEAD : 0)], path = `M${at.join(" ")}`;
    for (const spot of run.spots.slice(1, -1)) {
      path += curve(at, [spot.x, spot.top]) + `L${spot.x} ${spot.bottom}`;
      at = [spot.x, spot.bottom];
    }
    path += curve(at, [run.last, bottom - (run.upwards ? 0 : HEAD)]);
    const tip = run.upwards ? [run.first, top] : [run.last, bottom], back = run.upwards ? HEAD : -HEAD;
    const group = element("g", { ...OURS, role: "button", tabindex: "0", "aria-label": run.arrows.map((arrow) => arrow.told).join("; ") });
    group.append(element("rect", { class: "ao-ring", x: run.words.x, y: run.words.top - 2, width: run.wide + 12, height: run.high + 5, rx: 3, fill: "#ffffff", "fill-opacity": "0.01", stroke: "none" }));
    group.append(element("path", { d: path, fill: "none", stroke: "#ffffff", "stroke-opacity": "0", "stroke-width": 9 }));
    group.append(element("path", line(look, { d: path, fill: "none" })));
    group.append(element("path", { d: `M${tip.join(" ")}L${tip[0] - 4} ${tip[1] + back}L${tip[0] + 4} ${tip[1] + back}Z`, fill: look.line }));
    run.lines.forEach((words, number) => group.append(text(run.words.x + 8, run.words.top + SMALL + number * (SMALL + 2.5), words, SMALL, false, "start")));
    svg.append(acts(group, () => tellRun(run)));
  };

  const drawBox = (key, box, spot) => {
    const look = LOOKS[box.state], x = spot.x - spot.left, y = spot.y, radius = box.natural ? 13 : 3;
    const group = element("g", { ...OURS, role: "button", tabindex: "0", "data-box": key, "aria-label": box.told ? `${box.name}: ${box.told}` : box.name });
    group.append(element("rect", { class: "ao-ring", x: x - 4, y: y - 4, width: box.wide + 8, height: box.high + 8, rx: radius + 3, fill: "none", stroke: "none" }));
    group.append(element("rect", line(look, { x, y, width: box.wide, height: box.high, rx: radius, fill: look.fill })));
    let middle = spot.x;
    if (box.state === "own") {
      const thin = { stroke: look.line, "stroke-width": 0.8, fill: "none" };
      group.append(element("rect", { ...thin, x: x + 3.5, y: y + 3.5, width: box.wide - 7, height: box.high - 7, rx: Math.max(0, radius - 3.5) }));
      let path = `M${x + 14.5} ${y + 3.5}V${y + box.high - 3.5}`;
      const top = y + Math.max(3.5, radius), bottom = y + box.high - Math.max(3.5, radius);
      for (let at = top + 4; at < bottom + 10; at += 4) {
        const low = Math.min(at, bottom), over = Math.max(0, at - bottom), rise = Math.min(11 - over, low - top);
        path += `M${x + 3.5 + over} ${low}l${rise} ${-rise}`;
      }
      group.append(element("path", { ...thin, d: path }));
      middle += 5.5;
    }
    let base = y + 5;
    for (const [words, size, bold] of box.lines) { base += size + 3; group.append(text(middle, base - 2, words, size, bold)); }
    svg.append(acts(group, () => tell(key)));
    for (const [more, sign, at, noun] of [[holders, "▲", y - 9, "holder"], [holdings, "▼", y + box.high + 9, "holding"]]) {
      const many = hidden(key, more);
      if (!many) continue;
      const button = element("g", { ...OURS, role: "button", tabindex: "0", "aria-label": `Show ${many} more ${noun}${many === 1 ? "" : "s"} of ${box.name}` });
      button.append(element("rect", { class: "ao-ring", x: x + box.wide - 42, y: at - 8, width: 38, height: 16, rx: 8, fill: "#ffffff", stroke: "#444444", "stroke-width": 1 }));
      button.append(text(x + box.wide - 23, at + 3.5, `${sign} ${many}`, 10, false));
      svg.append(acts(button, () => { expand(key, more); tell(key); }));
    }
  };

  let dragged = false, from = null;
  svg.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY, frame.x, frame.y]; dragged = false; });
  svg.addEventListener("pointermove", (event) => {
    if (!from || !event.buttons) return;
    const x = event.clientX - from[0], y = event.clientY - from[1];
    if (!dragged && Math.hypot(x, y) < 4) return;
    dragged = true;
    svg.setPointerCapture(event.pointerId);
    frame.x = from[2] - x * frame.wide / svg.clientWidth;
    frame.y = from[3] - y * frame.high / svg.clientHeight;
    show();
  });
  svg.addEventListener("pointerup", () => { from = null; setTimeout(() => { dragged = false; }); });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // else the page scrolls
    event.preventDefault();
    const area = svg.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 400), frame.x + (event.clientX - area.left) / area.width * frame.wide, frame.y + (event.clientY - area.top) / area.height * frame.high);
  }, { passive: false });
  pane.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
    if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") fit();
    else if (steps[event.key]) move(...steps[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const still = (on) => {
    picture.hidden = !on;
    pane.hidden = panel.hidden = on;
    figure.textContent = on ? "Explore" : "Figure";
    for (const button of others) button.disabled = on;
    if (!on && !svg.childNodes.length) draw();
  };
  const button = (words, label, action) => {
    const made = html("button", words, { ...OURS, type: "button", "aria-label": label, title: label });
    made.addEventListener("click", action);
    bar.append(made);
    return made;
  };
  const figure = button("Figure", "Change between the printed figure and the view", () => still(!pane.hidden));
  const others = [
    button("+", "Zoom in", () => zoom(1.25)),
    button("−", "Zoom out", () => zoom(0.8)),
    button("Fit", "Show all of it", fit),
    button("Reset", "Show what was shown first", () => {
      visible.clear();
      first.forEach((key) => visible.add(key));
      draw();
      say("", [hint], []);
    }),
  ];
  const style = document.createElement("style");
  style.textContent = CSS;
  picture.after(style, bar, pane, panel);
  say("", [hint], []);
  still(start.length > WHOLE);
  new ResizeObserver(() => { if (!pane.hidden) { const ratio = pane.clientWidth / (pane.clientHeight || 1); frame.high = frame.wide / ratio; show(); } }).observe(pane);
};

for (const root of document.querySelectorAll(".assessor-ownership:not([data-live])")) {
  root.setAttribute("data-live", "");
  try { enliven(root); } catch (error) { console.error(error); } // the figure and the tables stay
}
