// 写りの点検: measures a picture and says in words what would make it better. Advice, never a wall (E3).
// All functions are pure: they take pixels and give figures, so that they can be tested without a page.

export const LIMITS = {
  shortSide: 700, // pixels of the shorter side; below this small print cannot be read
  dark: 70, // mean brightness 0…255
  glare: 0.04, // share of burnt-out pixels that lie together
  focus: 60, // variance of the Laplacian
  edges: 0.06, // share of strong edges in the outermost rim
};

export function greys(pixels, width, height) {
  const grey = new Float32Array(width * height);
  for (let place = 0; place < grey.length; place += 1) {
    grey[place] = 0.299 * pixels[4 * place] + 0.587 * pixels[4 * place + 1] + 0.114 * pixels[4 * place + 2];
  }
  return grey;
}

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
}

// The variance of the Laplacian: sharp letters make it large, a blurred picture small.
export function sharpness(grey, width, height) {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const place = y * width + x;
      const value =
        4 * grey[place] - grey[place - 1] - grey[place + 1] - grey[place - width] - grey[place + width];
      sum += value;
      squares += value * value;
      count += 1;
    }
  }
  if (count === 0) return 0;
  return squares / count - (sum / count) ** 2;
}

// The share of tiles that are burnt out while the picture as a whole is not white: a lamp's reflection.
export function glare(grey, width, height, tile = 16) {
  let burnt = 0;
  let tiles = 0;
  for (let top = 0; top + tile <= height; top += tile) {
    for (let left = 0; left + tile <= width; left += tile) {
      let bright = 0;
      for (let y = top; y < top + tile; y += 1) {
        for (let x = left; x < left + tile; x += 1) bright += grey[y * width + x] >= 252 ? 1 : 0;
      }
      tiles += 1;
      if (bright > 0.9 * tile * tile) burnt += 1;
    }
  }
  const share = tiles ? burnt / tiles : 0;
  return share > 0.6 ? 0 : share; // a white sheet or a scan, not a reflection
}

// How busy the outermost rim is: letters or a card's edge there mean that something is cut off.
export function rim(grey, width, height, depth = 3) {
  let strong = 0;
  let count = 0;
  for (let y = 0; y < height - 1; y += 1) {
    for (let x = 0; x < width - 1; x += 1) {
      const isRim = x < depth || y < depth || x >= width - 1 - depth || y >= height - 1 - depth;
      if (!isRim) continue;
      const place = y * width + x;
      const step = Math.abs(grey[place] - grey[place + 1]) + Math.abs(grey[place] - grey[place + width]);
      count += 1;
      if (step > 60) strong += 1;
    }
  }
  return count ? strong / count : 0;
}

// What is to be said: each check good or not, and the first advice in the order of what helps most.
export function judge(figures) {
  const checks = {
    size: figures.shortSide >= LIMITS.shortSide,
    light: figures.mean >= LIMITS.dark,
    glare: figures.glare < LIMITS.glare,
    focus: figures.sharpness >= LIMITS.focus,
    edges: figures.rim < LIMITS.edges,
  };
  const advice = ["light", "glare", "focus", "edges", "size"].find((name) => !checks[name]) || null;
  return { checks, advice };
}

export function measure(imageData, original) {
  const { data, width, height } = imageData;
  const grey = greys(data, width, height);
  return {
    shortSide: Math.min(original.width, original.height),
    mean: mean(grey),
    glare: glare(grey, width, height),
    sharpness: sharpness(grey, width, height),
    rim: rim(grey, width, height),
  };
}

export const ADVICE = {
  ja: {
    light: ["少し暗いようです", "明るいところに移るか、照明をつけて撮ってみてください。"],
    glare: ["光って見えないところがあります", "書類の奥を少し持ち上げるか、照明を背にしてみてください。"],
    focus: ["ピントが合っていないようです", "画面の書類を一度さわってピントを合わせ、両手で持って撮ってみてください。"],
    edges: ["端が切れているかもしれません", "四隅のまわりに、机が少し見えるくらい離してみてください。"],
    size: ["小さく写っています", "もう少し近づくか、カメラの画質を上げて撮ってみてください。"],
    anyway: "字が読めるなら、このまま送ってもかまいません。",
    fine: "そのまま送れます。",
  },
  en: {
    light: ["It looks a little dark", "Move to a brighter place or switch on a lamp."],
    glare: ["Something shines in it", "Lift the far edge of the paper a little, or keep the lamp behind you."],
    focus: ["It looks out of focus", "Touch the paper on the screen once to focus, and hold the phone with both hands."],
    edges: ["An edge may be cut off", "Step back until a little of the desk shows around all four corners."],
    size: ["It is rather small", "Come closer, or raise the camera's quality."],
    anyway: "If the letters can be read, you may send it as it is.",
    fine: "You can send it as it is.",
  },
};
