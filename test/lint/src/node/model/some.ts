import '../../browser/some.ts';
import '../../cli/some.ts';
import 'onnxruntime-web';
