// The map of the register: comfort on top of the drawing and the table, which say the same without scripts.
"use strict";

(() => {
  const chart = document.querySelector(".scout-chart");
  if (!chart || !window.L) return;
  const L = window.L;
  const rows = [...document.querySelectorAll(".scout-counts tbody tr")];
  const own = chart.dataset.code;

  fetch(chart.dataset.boundaries, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then(show)
    .catch(() => {}); // the drawing of the server stays

  // Puts the live map in the place of the drawing, unless that fails.
  function show(boundaries) {
    const drawing = chart.querySelector("svg");
    const place = document.createElement("div");
    place.className = "scout-chart__live";
    place.setAttribute("role", "region");
    place.setAttribute("aria-label", chart.dataset.name);
    if (drawing) drawing.replaceWith(place);
    else chart.prepend(place);
    try {
      draw(place, boundaries);
    } catch (problem) {
      if (drawing) place.replaceWith(drawing);
      throw problem;
    }
  }

  function draw(place, boundaries) {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(place, {
      attributionControl: false,
      fadeAnimation: !still,
      markerZoomAnimation: !still,
      maxZoom: 14,
      minZoom: 6,
      renderer: L.svg({ padding: 0.5 }),
      // Whoever scrolls past must not get stuck in the map.
      scrollWheelZoom: false,
      zoomAnimation: !still,
      zoomControl: false,
      zoomSnap: 0.25,
    });
    L.control.zoom({ zoomInTitle: chart.dataset.in, zoomOutTitle: chart.dataset.out }).addTo(map);
    const byCode = new Map(rows.filter((row) => row.dataset.code).map((row) => [row.dataset.code, row]));
    const areas = L.geoJSON(boundaries, {
      onEachFeature: (feature, area) => {
        const row = byCode.get(feature.properties.code);
        if (row) leads(area, row);
        else if (feature.properties.code !== own) area.options.interactive = false;
      },
      style: (feature) => {
        const here = feature.properties.code === own;
        const level = byCode.get(feature.properties.code)?.dataset.class ?? (here ? 1 : 0);
        return {
          className: here ? "scout-area scout-area--here" : "scout-area",
          fillColor: own ? undefined : `url(#raster-${level})`,
          fillOpacity: 1,
          weight: 1,
        };
      },
    }).addTo(map);
    const here = own && areas.getLayers().find((area) => area.feature.properties.code === own);
    map.fitBounds((here || areas).getBounds(), { animate: false, padding: [8, 8] });
    for (const row of rows) if (row.dataset.lat) dot(map, row);
  }

  // A dot as large as the number of entries, with that number in it.
  function dot(map, row) {
    const count = Number(row.dataset.count);
    const circle = L.circleMarker([Number(row.dataset.lat), Number(row.dataset.lon)], {
      className: "scout-map__dot",
      fillOpacity: 1,
      radius: Math.min(24, 9 + Math.sqrt(count)),
      weight: 2,
    });
    leads(circle, row);
    circle.addTo(map);
    const number = L.divIcon({ className: "scout-chart__count", html: words(row.dataset.count), iconSize: [40, 16] });
    L.marker(circle.getLatLng(), { icon: number, interactive: false, keyboard: false }).addTo(map);
  }

  // Shows what it is, and leads to its list, by mouse and by keyboard.
  function leads(area, row) {
    const link = row.querySelector("th a");
    const said = `${row.dataset.name}: ${row.dataset.words}`;
    area.bindTooltip(words(said), { sticky: area instanceof L.Polygon });
    area.on("add", () => {
      const drawn = area.getElement();
      if (!drawn || !link) return;
      drawn.setAttribute("tabindex", "0");
      drawn.setAttribute("role", "link");
      drawn.setAttribute("aria-label", said);
      drawn.addEventListener("keydown", (event) => {
        if (event.key === "Enter") link.click();
      });
      drawn.addEventListener("focus", () => area.openTooltip());
      drawn.addEventListener("blur", () => area.closeTooltip());
    });
    if (link) area.on("click", () => link.click());
  }

  // Text as text, whatever stands in it.
  function words(text) {
    const one = document.createElement("span");
    one.textContent = text;
    return one;
  }
})();
