// A ticking clock, in the province's time whatever the wall computer's zone.
const zone = "Asia/Ho_Chi_Minh";
const time = new Intl.DateTimeFormat("vi-VN", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat("vi-VN", { timeZone: zone, weekday: "long", day: "2-digit", month: "2-digit", year: "numeric" });

export default function clock(element) {
  const shownTime = element.querySelector("[data-time]");
  const shownDay = element.querySelector("[data-day]");
  const tick = () => {
    const now = new Date();
    shownTime.textContent = time.format(now);
    if (shownDay) shownDay.textContent = day.format(now);
    setTimeout(tick, 1000 - now.getMilliseconds());
  };
  tick();
}
