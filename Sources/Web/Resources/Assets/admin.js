// Draws the charts of the administration from the numbers in the page, with Chart.js; the tables behind them stay.

const Chart = globalThis.Chart;
const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;

function colours() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return { ink: value("--ink"), line: value("--line"), series: ["--accent", "--chart-2", "--chart-3"].map(value) };
}

function options(drawing, palette) {
  const axis = (more) => ({ grid: { color: palette.line }, ticks: { color: palette.ink, ...more } });
  const unit = drawing.unit ? ` ${drawing.unit}` : "";
  const isStacked = drawing.kind === "stacked";
  return {
    animation: reduced ? false : { duration: 250 },
    maintainAspectRatio: false,
    scales: {
      x: { stacked: isStacked, ...axis({ maxRotation: 45, autoSkip: true, maxTicksLimit: 12 }) },
      y: {
        stacked: isStacked, beginAtZero: true,
        ...axis({ precision: 0, callback: (value) => `${value}${unit}` }),
      },
    },
    plugins: {
      legend: { display: drawing.series.length > 1, labels: { color: palette.ink, boxWidth: 14 } },
      tooltip: {
        callbacks: { label: (item) => `${item.dataset.label}: ${Math.round(item.parsed.y * 10) / 10}${unit}` },
      },
    },
  };
}

function draw(figure) {
  const drawing = JSON.parse(figure.dataset.chart);
  const palette = colours();
  const place = figure.querySelector(".chart-canvas");
  const table = figure.querySelector("details");
  place.hidden = false;
  table.open = false;
  return new Chart(place.querySelector("canvas"), {
    type: "bar",
    data: {
      labels: drawing.labels,
      datasets: drawing.series.map((series, index) => ({
        label: series.name, data: series.values, backgroundColor: palette.series[index % palette.series.length],
        maxBarThickness: 48,
      })),
    },
    options: options(drawing, palette),
  });
}

if (Chart) {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  const figures = [...document.querySelectorAll("figure[data-chart]")];
  let charts = figures.map(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const chart of charts) chart.destroy();
    charts = figures.map(draw);
  });
}
