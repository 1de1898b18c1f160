"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PALETTE = ["#0b6e99", "#d1495b", "#edae49", "#3a7d44", "#7b5ea7", "#00798c", "#b5651d", "#5d8aa8",
    "#c06c84", "#6a994e", "#e07a5f", "#4f5d95"];
  const OTHER = "#b3bcc6";
  const element = (name, properties, ...inside) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...inside);
    return made;
  };

  // Charts

  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.color = "#5c6b7a";
  // A long name would leave no room for its bar; licences differ in how they end.
  function shortened(value) {
    const label = this.getLabelForValue(value);
    const most = this.chart.width < 500 ? 18 : 48;
    const half = most / 2;
    return label.length > most ? `${label.slice(0, half - 1).trimEnd()}…${label.slice(-half).trimStart()}` : label;
  }
  for (const chart of data.charts) {
    const bars = chart.kind === "bar";
    const canvas = document.getElementById(chart.id);
    if (bars) canvas.parentElement.style.height = 70 + 22 * chart.labels.length + "px";
    new Chart(canvas, {
      type: chart.kind,
      data: {
        labels: chart.labels,
        datasets: chart.lines.map((line, place) => ({
          ...line,
          backgroundColor: PALETTE[place],
          borderColor: PALETTE[place],
          borderWidth: bars ? 0 : 2,
          pointRadius: 0,
          pointHitRadius: 8,
          maxBarThickness: 16,
        })),
      },
      options: {
        indexAxis: bars ? "y" : "x",
        interaction: { mode: bars ? "nearest" : "index", intersect: false },
        plugins: { legend: { position: "top", align: "end" } },
        scales: {
          x: { beginAtZero: true, grid: { display: bars }, ticks: { maxTicksLimit: bars ? 8 : 14, maxRotation: 0 } },
          y: { beginAtZero: true, grid: { display: !bars }, ticks: bars ? { callback: shortened } : {} },
        },
      },
    });
  }

  // Network

  const network = data.network;
  if (!network.nodes.length) return;
  const things = network.nodes.map((row) => {
    const thing = { id: row[0], x: row[1], y: row[2] };
    network.fields.forEach((name, place) => { thing[name] = row[place + 3]; });
    return thing;
  });
  const byId = new Map(things.map((thing) => [String(thing.id), thing]));
  const loops = new Set(network.loops);
  const titleOf = (thing) => thing.label || `thing ${thing.id}`;

  function colouring(field) {
    if (field === "generation") {
      const most = Math.max(1, ...things.map((thing) => thing.generation));
      const shade = (value) => {
        const at = Math.sqrt(value / most);
        return `hsl(${Math.round(205 - 175 * at)}, 65%, ${Math.round(38 + 18 * at)}%)`;
      };
      const steps = [...new Set([0, 1, 2, 3, Math.round(most / 4), Math.round(most / 2), most])]
        .filter((step) => step <= most).sort((a, b) => a - b);
      return { of: (thing) => shade(thing.generation), legend: steps.map((step) => [`generation ${step}`, shade(step)]) };
    }
    const count = new Map();
    for (const thing of things) if (thing[field]) count.set(thing[field], (count.get(thing[field]) || 0) + 1);
    const most = [...count].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, PALETTE.length);
    const colours = new Map(most.map(([name], place) => [name, PALETTE[place]]));
    return {
      of: (thing) => colours.get(thing[field]) || OTHER,
      legend: [...most.map(([name, times]) => [`${name} (${times})`, colours.get(name)]), ["others or unknown", OTHER]],
    };
  }

  const many = things.length > 1500;
  const known = new Set([...things].sort((a, b) => b.children - a.children).slice(0, 40).filter((t) => t.children > 2));
  const cy = cytoscape({
    container: document.getElementById("graph"),
    elements: {
      nodes: things.map((thing, place) => ({
        data: { id: String(thing.id), name: titleOf(thing).slice(0, 40), size: network.sizes[place], colour: OTHER },
        position: { x: thing.x, y: thing.y },
        classes: `${thing.state === "stored" ? "" : "ghost"} ${known.has(thing) ? "known" : ""}`,
      })),
      edges: network.edges.map(([source, target], place) => ({
        data: { id: `e${place}`, source: String(things[source].id), target: String(things[target].id) },
      })),
    },
    layout: { name: "preset", fit: true, padding: 30 },
    style: [
      { selector: "node", style: {
        width: "data(size)", height: "data(size)", "background-color": "data(colour)",
        label: "data(name)", color: "#1d2733", "font-size": 5, "min-zoomed-font-size": 11,
        "text-valign": "bottom", "text-margin-y": 1, "text-max-width": 34, "text-wrap": "ellipsis",
      } },
      { selector: "node.known", style: {
        "font-size": 15, "min-zoomed-font-size": 8, "text-max-width": 160, "z-index": 3, "text-margin-y": 2,
        "text-outline-width": 2, "text-outline-color": "#fff",
      } },
      { selector: "node.ghost", style: {
        "background-opacity": 0.15, "border-width": 2, "border-color": "data(colour)",
      } },
      { selector: "edge", style: { width: 1.2, "line-color": "#aeb9c4", "curve-style": "haystack", opacity: 0.8 } },
      { selector: "edge.up", style: { "line-color": "#d1495b", width: 2, opacity: 1, "z-index": 5 } },
      { selector: "edge.down", style: { "line-color": "#0b6e99", width: 1.6, opacity: 1, "z-index": 5 } },
      { selector: "node.chosen", style: {
        "border-width": 3, "border-color": "#111827", "z-index": 9, "font-size": 13, "min-zoomed-font-size": 0,
        "text-max-width": 200, "text-outline-width": 2, "text-outline-color": "#fff",
      } },
    ],
    minZoom: 0.005, maxZoom: 6,
    autoungrabify: true, boxSelectionEnabled: false,
    hideEdgesOnViewport: many, textureOnViewport: many, pixelRatio: many ? 1 : "auto",
  });

  const legend = document.getElementById("legend");
  function colourBy(field) {
    const found = colouring(field);
    cy.batch(() => cy.nodes().forEach((node) => { node.data("colour", found.of(byId.get(node.id()))); }));
    legend.replaceChildren(...found.legend.map(([name, colour]) => {
      const dot = element("i", {});
      dot.style.background = colour;
      return element("li", {}, dot, name);
    }));
  }
  const choice = document.getElementById("colour");
  choice.addEventListener("change", () => colourBy(choice.value));
  colourBy(choice.value);

  const card = document.getElementById("card");
  const whole = (value) => (value === null ? "not known" : value.toLocaleString("en"));
  function kin(title, nodes) {
    if (!nodes.length) return [];
    const shown = nodes.slice(0, 30).map((node) => {
      const button = element("button", { type: "button", textContent: titleOf(byId.get(node.id())) });
      button.dir = "auto";
      button.addEventListener("click", () => open(node.id(), true));
      return button;
    });
    const more = nodes.length > 30 ? [`and ${nodes.length - 30} more`] : [];
    return [element("strong", { textContent: `${title} (${nodes.length} shown here)` }),
      element("div", { className: "kin" }, ...shown, ...more)];
  }
  function open(id, centre) {
    const thing = byId.get(String(id));
    if (!thing) return;
    const node = cy.getElementById(String(id));
    cy.batch(() => {
      cy.elements().removeClass("chosen up down");
      node.addClass("chosen");
      node.incomers("edge").addClass("up");
      node.outgoers("edge").addClass("down");
    });
    const rows = [
      ["id", thing.id], ["creator", thing.creator || "not known"], ["licence", thing.license || "not known"],
      ["published", thing.added ? thing.added.slice(0, 10) : "not known"], ["state", thing.state],
      ["downloads", whole(thing.download_count)], ["likes", whole(thing.like_count)], ["makes", whole(thing.make_count)],
      ["remixes", `${whole(thing.children)} observed, ${whole(thing.remix_count)} stated`],
      ["parents", `${whole(thing.parents)} observed`], ["generation", thing.generation],
      ["generations below", thing.generations_below], ["PageRank", thing.pagerank.toPrecision(3)],
    ];
    if (loops.has(thing.id)) rows.push(["note", "names itself as its parent"]);
    const list = element("dl", {});
    for (const [name, value] of rows) {
      const told = element("dd", { textContent: String(value) });
      told.dir = "auto";
      list.append(element("dt", { textContent: name }), told);
    }
    const close = element("button", { type: "button", className: "close", textContent: "×" });
    close.setAttribute("aria-label", "close");
    close.addEventListener("click", () => {
      card.hidden = true;
      cy.elements().removeClass("chosen up down");
      cy.resize();
    });
    const title = element("h3", {});
    title.dir = "auto";
    const link = element(network.links ? "a" : "span", { textContent: titleOf(thing) });
    if (network.links) Object.assign(link, { href: `https://www.thingiverse.com/thing:${thing.id}`, rel: "noopener noreferrer" });
    title.append(link);
    card.replaceChildren(close, title, list,
      ...kin("Remixed from", node.incomers("node").toArray()), ...kin("Remixed by", node.outgoers("node").toArray()));
    card.hidden = false;
    card.dataset.thing = thing.id;
    cy.resize();
    if (centre) {
      // By its place: cy.center() measures the label before its new size is known, and so has it cut.
      const zoom = Math.max(cy.zoom(), 1);
      const { x, y } = node.position();
      cy.viewport({ zoom, pan: { x: cy.width() / 2 - x * zoom, y: cy.height() / 2 - y * zoom } });
    }
  }
  cy.on("tap", "node", (event) => open(event.target.id(), false));
  document.getElementById("fit").addEventListener("click", () => cy.fit(undefined, 30));

  const search = document.getElementById("search");
  const results = document.getElementById("results");
  const found = document.getElementById("found");
  const haystack = things.map((thing) => `${thing.id}\n${thing.label || ""}\n${thing.creator || ""}`.toLowerCase());
  function look() {
    const wanted = search.value.trim().toLowerCase();
    const hits = [];
    let count = 0;
    if (wanted) {
      for (let place = 0; place < things.length; place += 1) {
        if (haystack[place].includes(wanted)) {
          count += 1;
          hits.push(things[place]);
        }
      }
      const exact = (thing) => (String(thing.id) === wanted || (thing.label || "").toLowerCase() === wanted ? 0 : 1);
      hits.sort((a, b) => exact(a) - exact(b) || b.pagerank - a.pagerank || a.id - b.id);
      hits.length = Math.min(hits.length, 50);
    }
    found.textContent = wanted ? `${count} found` : "";
    results.hidden = !hits.length;
    results.replaceChildren(...hits.map((thing) => {
      const button = element("button", { type: "button", textContent: `${titleOf(thing)} · ${thing.creator || "?"} · ${thing.id}` });
      button.dir = "auto";
      button.addEventListener("click", () => { open(thing.id, true); results.hidden = true; });
      return element("li", {}, button);
    }));
    return hits;
  }
  search.addEventListener("input", look);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      const hits = look();
      if (hits.length) open(hits[0].id, true);
    } else if (event.key === "Escape") {
      search.value = "";
      look();
    }
  });
  window.tvspiders = { cy, open };
})();
