import { expect, test } from 'vitest';
import { explainCapture } from '../../../../src/node/camera/explain.ts';
import { redact, redactMistyped, redactWords } from '../../../../src/node/camera/redact.ts';

test.each([
  ['rtsp://admin:hunter22@cam/1', 'rtsp://***@cam/1'],
  ['rtsp://admin:p@ss:w@cam:554/1', 'rtsp://***@cam:554/1'],
  ['rtsp://admin:pa/ss@cam:554/1', 'rtsp://***@cam:554/1'],
  ["rtsp://admin:it's@cam/1", 'rtsp://admin:***@cam/1'],
  ['http://admin@cam/1', 'http://***@cam/1'],
  ['rtsp://cam/live?user=admin&password=hunter22&channel=1', 'rtsp://cam/live?user=***&password=***&channel=1'],
  ['http://cam/video?token=abc#x', 'http://cam/video?token=***'],
  ['rtsp://cam/1', 'rtsp://cam/1'],
  [
    'rtspsrc location=rtsp://cam/1 user-id=a user-pw=b ! x',
    'rtspsrc location=rtsp://cam/1 user-id=*** user-pw=*** ! x',
  ],
  ["rtspsrc location='rtsp://a:b@cam/1' ! x", "rtspsrc location='rtsp://***@cam/1' ! x"],
])('%s', (address, clean) => {
  expect(redact(address, address)).toBe(clean);
});

test.each([
  ['ftp://admin:hunter22@cam/1', 'ftp://***@cam/1'],
  ['rtsp:/admin:hunter22@cam/1', 'rtsp:/***@cam/1'],
  ['admin:hunter/22@cam', '***@cam'],
  ['nothing.mp4', 'nothing.mp4'],
])('%s, which is no source', (text, clean) => {
  expect(redactMistyped(text)).toBe(clean);
});

test('a password in a word of a pipeline may hold blanks', () => {
  const words = ['rtspsrc', 'location=rtsp://a:b c@cam/1', 'user-pw=hunter 22', '!', 'video/x-raw, width=640'];
  expect(redactWords(words)).toBe('rtspsrc location=rtsp://***@cam/1 user-pw=*** ! video/x-raw, width=640');
});

test('what programs say of a password, as it is or decoded, is kept back', () => {
  const address = 'rtsp://admin:s%40cret@cam/1';
  const said = `method failed for ${address}\nbad password s@cret (s%40cret)`;
  expect(explainCapture('ffmpeg', said, 'ended with code 1', address)).toBe(
    'ffmpeg ended with code 1: bad password *** (***)',
  );
});

test.each([
  ['/dev/video0: Device or resource busy', /another program has it/],
  ['ioctl(VIDIOC_DQBUF): No such device', /there is no camera/],
  ['/dev/video0: Permission denied', /group video/],
  ['Error while decoding stream #0:0: Operation not permitted', /or a damaged one$/],
  [
    "Stream map '0:v:0' matches no streams.\nTo ignore this, add a trailing '?' to the map.",
    /sound alone, no pictures$/,
  ],
  ['ERROR: *** no cameras available ***', /there is no camera/],
  ['Error generated. Execute:751 No cameras available', /there is no camera/],
  ['[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized', /another name and password/],
  ['/dev/video1: Not a video capture device.', /second device, which gives no pictures/],
  ['/dev/null: Inappropriate ioctl for device', /it is no camera/],
  ['WARNING: erroneous pipeline: no element "nvarguscamerasrc"', /nvarguscamerasrc.*nvidia-l4t-gstreamer$/],
  ['WARNING: erroneous pipeline: no element "v4l2src"', /GStreamer has no v4l2src: .*plugins-good/],
  ['ERROR: from element /X: Your GStreamer installation is missing a plug-in.', /cannot decode it: sudo apt/],
  ["ERROR: from element /X: Failed.\nERROR: pipeline doesn't want to preroll.", /from element \/X: Failed\.$/],
  ['Pipeline handler in use by another process', /another program has it/],
])('%s is explained', (said, says) => {
  expect(explainCapture('ffmpeg', `${said}\n`, 'ended with code 1', '')).toMatch(says);
});

test('a program that says nothing is named with how it ended', () => {
  expect(explainCapture('rpicam-vid', '\n', 'was ended by SIGKILL', '')).toBe('rpicam-vid was ended by SIGKILL');
});
