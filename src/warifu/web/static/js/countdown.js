// Says how long something still is, beside the moment that the page names.
const words = document.documentElement.lang === "en"
  ? (d, h, m) => (d ? `${d} d ${h} h left` : `${h} h ${m} min left`)
  : (d, h, m) => (d ? `あと${d}日と${h}時間` : `あと${h}時間${m}分`);

for (const place of document.querySelectorAll("[data-countdown]")) {
  const end = Date.parse(place.dataset.countdown);
  const wasOpen = end > Date.now();
  const line = document.createElement("p");
  line.className = "small soft";
  place.append(line);
  const show = () => {
    const minutes = Math.max(0, Math.floor((end - Date.now()) / 60000));
    line.textContent = words(Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60);
    if (wasOpen && Date.now() >= end) location.reload();
  };
  show();
  if (wasOpen) setInterval(show, 30000);
}
