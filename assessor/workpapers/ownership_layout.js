// Where boxes, arrows and their words stand in the ownership view, as in assessor/ownership/figure/layout.py: boxes on even ranks,
// words on odd ones, every arrow with a place of its own on each rank between its ends.
const GAP = 18, HEAD = 8, MARGIN = 14;

// Numbers nearest to `wanted` that lie, one after the other, at least `apart`.
const spread = (wanted, apart) => {
  const offsets = [0];
  for (const distance of apart) offsets.push(offsets[offsets.length - 1] + distance);
  const blocks = [];
  wanted.forEach((value, number) => {
    let mean = value - offsets[number], count = 1;
    while (blocks.length && blocks[blocks.length - 1][0] > mean) {
      const [before, many] = blocks.pop();
      mean = (before * many + mean * count) / (many + count);
      count += many;
    }
    blocks.push([mean, count]);
  });
  return blocks.flatMap(([mean, count]) => Array(count).fill(mean)).map((mean, at) => mean + offsets[at]);
};

// Layers (0 at the bottom) and the pairs that run upwards because they close a ring.
const layered = (keys, pairs, subject) => {
  const above = new Map(keys.map((key) => [key, []])), below = new Map(keys.map((key) => [key, []]));
  for (const [holder, held] of pairs) { above.get(held).push(holder); below.get(holder).push(held); }
  const rising = new Set(), state = new Map(), done = [];
  for (const root of [subject, ...keys]) {
    if (state.has(root)) continue;
    state.set(root, 1);
    const stack = [[root, 0]];
    while (stack.length) {
      const top = stack[stack.length - 1], listed = above.get(top[0]);
      if (top[1] < listed.length) {
        const holder = listed[top[1]++];
        if (state.get(holder) === 1) rising.add(`${holder}>${top[0]}`);
        else if (!state.has(holder)) { state.set(holder, 1); stack.push([holder, 0]); }
      } else { state.set(top[0], 2); done.push(top[0]); stack.pop(); }
    }
  }
  done.reverse();
  const layer = new Map(keys.map((key) => [key, 0]));
  const falls = (holder, held) => !rising.has(`${holder}>${held}`);
  for (const held of done) {
    for (const holder of above.get(held)) {
      if (falls(holder, held)) layer.set(holder, Math.max(layer.get(holder), layer.get(held) + 1));
    }
  }
  for (const key of [...done].reverse()) { // what holds nothing shown stands right below its lowest holder
    if (key === subject || below.get(key).some((held) => falls(key, held))) continue;
    const over = above.get(key).filter((holder) => falls(holder, key)).map((holder) => layer.get(holder));
    if (over.length) layer.set(key, Math.min(...over) - 1);
  }
  const used = [...new Set(layer.values())].sort((a, b) => a - b);
  for (const key of keys) layer.set(key, used.indexOf(layer.get(key)));
  return [layer, rising];
};

const lay = (boxes, runs, subject) => {
  const [layer, rising] = layered([...boxes.keys()], runs.map((run) => [run.holder, run.held]), subject);
  const ranks = Array.from({ length: 2 * Math.max(...layer.values()) + 1 }, () => []);
  const spots = new Map();
  const put = (spot) => { ranks[spot.rank].push(spot); return Object.assign(spot, { up: [], down: [], x: 0 }); };
  for (const [key, box] of boxes) {
    spots.set(key, put({ rank: 2 * layer.get(key), left: box.wide / 2, right: box.wide / 2, high: box.high, box: true }));
  }
  for (const run of runs) {
    run.upwards = rising.has(`${run.holder}>${run.held}`);
    const upper = spots.get(run.upwards ? run.held : run.holder), lower = spots.get(run.upwards ? run.holder : run.held);
    const told = run.upwards ? lower.rank + 1 : upper.rank - 1;
    run.spots = [upper];
    for (let rank = upper.rank - 1; rank > lower.rank; rank -= 1) {
      const words = rank === told;
      const spot = put(words ? { rank, left: 5, right: run.wide + 10, high: run.high } : { rank, left: 6, right: 6, high: 0 });
      if (words) run.words = spot;
      run.spots.push(spot);
    }
    run.spots.push(lower);
    run.spots.slice(1).forEach((spot, at) => { run.spots[at].down.push(spot); spot.up.push(run.spots[at]); });
  }
  const number = () => ranks.forEach((rank) => rank.forEach((spot, at) => { spot.at = at; }));
  const crossings = () => {
    let total = 0;
    for (const rank of ranks.slice(1)) {
      const lines = rank.flatMap((spot) => spot.down.map((below) => below.at).sort((a, b) => a - b));
      for (let a = 0; a < lines.length; a += 1) for (let b = a + 1; b < lines.length; b += 1) if (lines[a] > lines[b]) total += 1;
    }
    return total;
  };
  number();
  let fewest = crossings(), best = ranks.map((rank) => [...rank]);
  for (let sweep = 0; sweep < 8 && fewest; sweep += 1) {
    const side = sweep % 2 ? "up" : "down";
    for (const rank of sweep % 2 ? [...ranks].reverse() : ranks) {
      const means = new Map(rank.map((spot) => [spot, spot[side].length ? spot[side].reduce((sum, other) => sum + other.at, 0) / spot[side].length : spot.at]));
      rank.sort((a, b) => means.get(a) - means.get(b));
      rank.forEach((spot, at) => { spot.at = at; });
    }
    const now = crossings();
    if (now < fewest) { fewest = now; best = ranks.map((rank) => [...rank]); }
  }
  ranks.forEach((rank, at) => { ranks[at] = best[at]; });
  const pull = (a, b) => {
    if (!a.box && !b.box) return 8;
    const [words, box] = a.box ? [b, a] : [a, b];
    return words.high && box.rank > words.rank ? 4 : 1;
  };
  const fit = (rank, wanted) => {
    const apart = rank.slice(1).map((b, at) => rank[at].right + b.left + (rank[at].high && b.high ? GAP : rank[at].high || b.high ? GAP / 2 : 0));
    spread(wanted, apart).forEach((x, at) => { rank[at].x = x; });
  };
  ranks.forEach((rank) => fit(rank, rank.map(() => 0)));
  for (let sweep = 0; sweep < 32; sweep += 1) {
    for (const rank of sweep % 2 ? ranks : [...ranks].reverse()) {
      fit(rank, rank.map((spot) => {
        let near = sweep >= 16 ? [...spot.up, ...spot.down] : sweep % 2 ? spot.down : spot.up;
        if (!near.length) near = [...spot.up, ...spot.down];
        if (!near.length) return spot.x;
        const pulls = near.map((other) => pull(spot, other));
        return near.reduce((sum, other, at) => sum + pulls[at] * other.x, 0) / pulls.reduce((a, b) => a + b, 0);
      }));
    }
  }
  const least = Math.min(...ranks.flat().map((spot) => spot.x - spot.left));
  let y = MARGIN + 12, right = 0;
  for (let at = ranks.length - 1; at >= 0; at -= 1) {
    const high = Math.max(...ranks[at].map((spot) => spot.high), 0);
    let far = 0;
    for (const spot of ranks[at]) {
      for (const below of spot.down) far = Math.max(far, Math.abs(spot.x - below.x));
      spot.x += MARGIN - least;
      spot.top = y;
      spot.bottom = y + high;
      right = Math.max(right, spot.x + spot.right);
    }
    for (const spot of ranks[at]) spot.y = y + (high - spot.high) / 2;
    y += high + (at ? Math.min(46, Math.max(at % 2 ? HEAD + 10 : 26, 10 + far * 0.12)) : 0);
  }
  const sides = new Map();
  const side = (key, x, run, end) => { if (!sides.has(key)) sides.set(key, []); sides.get(key).push({ x, run, end }); };
  for (const run of runs) {
    const upper = run.upwards ? run.held : run.holder, lower = run.upwards ? run.holder : run.held;
    side(`0 ${upper}`, run.spots[1].x, run, "first");
    side(`1 ${lower}`, run.spots[run.spots.length - 2].x, run, "last");
  }
  for (const [key, listed] of sides) {
    const spot = spots.get(Number(key.slice(2)));
    listed.sort((a, b) => a.x - b.x);
    const low = spot.x - spot.left + 16, high = spot.x + spot.right - 16;
    const apart = Math.min(18, (high - low) / Math.max(1, listed.length - 1));
    const xs = spread(listed.map((port) => Math.min(high, Math.max(low, port.x))), listed.slice(1).map(() => apart));
    const over = Math.max(0, xs[xs.length - 1] - high);
    listed.forEach((port, at) => { port.run[port.end] = Math.max(low + apart * at, xs[at] - over); });
  }
  return { spots, wide: right + MARGIN, high: y + MARGIN + 12 };
};

