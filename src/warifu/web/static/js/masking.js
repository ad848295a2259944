// 塗りつぶし: black boxes over what the company must not see (I-08), by touch, mouse and keyboard.

// A box between two corners, inside the picture, at least a few pixels wide so that a touch leaves a mark.
export function box(from, to, width, height, least = 8) {
  const left = Math.max(0, Math.min(from.x, to.x));
  const top = Math.max(0, Math.min(from.y, to.y));
  const right = Math.min(width, Math.max(from.x, to.x, left + least));
  const bottom = Math.min(height, Math.max(from.y, to.y, top + least));
  return { left, top, width: right - left, height: bottom - top };
}

// Where the keyboard's frame goes: arrows move it, with Shift they change its size.
export function moved(frame, key, isResizing, step, width, height) {
  const next = { ...frame };
  const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key];
  if (!by) return frame;
  if (isResizing) {
    next.width = Math.min(Math.max(step, frame.width + by[0]), width - frame.left);
    next.height = Math.min(Math.max(step, frame.height + by[1]), height - frame.top);
  } else {
    next.left = Math.min(Math.max(0, frame.left + by[0]), width - frame.width);
    next.top = Math.min(Math.max(0, frame.top + by[1]), height - frame.height);
  }
  return next;
}

export class Masking {
  constructor(canvas, tell) {
    this.canvas = canvas;
    this.tell = tell;
    this.boxes = [];
    this.from = null;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.draw());
    canvas.addEventListener("blur", () => this.draw());
  }

  open(picture) {
    this.picture = picture;
    this.canvas.width = picture.width;
    this.canvas.height = picture.height;
    this.frame = {
      left: Math.round(picture.width * 0.4),
      top: Math.round(picture.height * 0.4),
      width: Math.round(picture.width * 0.2),
      height: Math.round(picture.height * 0.1),
    };
    this.boxes = [];
    this.draw();
  }

  place(event) {
    const shown = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - shown.left) * this.canvas.width) / shown.width,
      y: ((event.clientY - shown.top) * this.canvas.height) / shown.height,
    };
  }

  press(event) {
    event.preventDefault();
    this.canvas.focus();
    this.canvas.setPointerCapture(event.pointerId);
    this.from = this.place(event);
  }

  drag(event) {
    if (!this.from) return;
    this.draw(box(this.from, this.place(event), this.canvas.width, this.canvas.height));
  }

  release(event) {
    if (!this.from) return;
    this.add(box(this.from, this.place(event), this.canvas.width, this.canvas.height));
    this.from = null;
  }

  key(event) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.add({ ...this.frame });
    } else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      const step = Math.max(4, Math.round(this.canvas.width / 50));
      this.frame = moved(this.frame, event.key, event.shiftKey, step, this.canvas.width, this.canvas.height);
      this.draw();
    }
  }

  add(one) {
    this.boxes.push(one);
    this.draw();
    this.tell(this.boxes.length);
  }

  undo() {
    this.boxes.pop();
    this.draw();
    this.tell(this.boxes.length);
  }

  paint(context) {
    context.drawImage(this.picture, 0, 0);
    context.fillStyle = "#000";
    for (const one of this.boxes) context.fillRect(one.left, one.top, one.width, one.height);
  }

  draw(growing = null) {
    const context = this.canvas.getContext("2d");
    this.paint(context);
    if (growing) context.fillRect(growing.left, growing.top, growing.width, growing.height);
    if (document.activeElement === this.canvas && !growing) {
      context.lineWidth = Math.max(3, this.canvas.width / 200);
      context.strokeStyle = "#ffd43d";
      context.strokeRect(this.frame.left, this.frame.top, this.frame.width, this.frame.height);
    }
  }

  // The painted picture as a canvas of its own; the boxes are part of its pixels, nothing lies beneath them.
  result() {
    const canvas = document.createElement("canvas");
    canvas.width = this.canvas.width;
    canvas.height = this.canvas.height;
    this.paint(canvas.getContext("2d"));
    return canvas;
  }
}
