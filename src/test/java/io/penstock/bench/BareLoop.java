package io.penstock.bench;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The least that anybody has to do to embed texts with the bundled model: some threads with a single-threaded session each take
 * one text after the other from a list, with nothing around it.
 */
final class BareLoop implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final HuggingFaceTokenizer tokenizer;
    private final List<OrtSession> sessions = new ArrayList<>();

    BareLoop(int sessionCount) throws IOException, OrtException {
        this.tokenizer = HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(resource("/all-minilm-l6-v2-q-tokenizer.json")),
                Map.of("padding", "false", "truncation", "true", "maxLength", "512", "modelMaxLength", "512"));
        byte[] model = resource("/all-minilm-l6-v2-q.onnx");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
            for (int i = 0; i < sessionCount; i++) {
                sessions.add(environment.createSession(model, options));
            }
        }
    }

    /** What was embedded, in the order of the texts; tokens include the special ones. */
    record Embedded(List<float[]> vectors, long tokens) {}

    Embedded embed(List<String> texts) throws Exception {
        float[][] vectors = new float[texts.size()][];
        AtomicInteger next = new AtomicInteger();
        long tokens = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(sessions.size())) {
            List<Future<Long>> parts = new ArrayList<>();
            for (OrtSession session : sessions) {
                parts.add(threads.submit(() -> {
                    long own = 0;
                    for (int i = next.getAndIncrement(); i < vectors.length; i = next.getAndIncrement()) {
                        Encoding encoding = tokenizer.encode(texts.get(i), true, false);
                        vectors[i] = vector(session, encoding);
                        own += encoding.getIds().length;
                    }
                    return own;
                }));
            }
            for (Future<Long> part : parts) {
                tokens += part.get();
            }
        }
        return new Embedded(List.of(vectors), tokens);
    }

    private float[] vector(OrtSession session, Encoding encoding) throws OrtException {
        long[] ids = encoding.getIds();
        long[] shape = {1, ids.length};
        try (OnnxTensor tokens = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape);
                OnnxTensor mask =
                        OnnxTensor.createTensor(environment, LongBuffer.wrap(encoding.getAttentionMask()), shape);
                OnnxTensor types = OnnxTensor.createTensor(environment, LongBuffer.wrap(encoding.getTypeIds()), shape);
                OrtSession.Result result =
                        session.run(Map.of("input_ids", tokens, "attention_mask", mask, "token_type_ids", types))) {
            OnnxTensor output = (OnnxTensor) result.get(0);
            int dimension = (int) output.getInfo().getShape()[2];
            FloatBuffer values = output.getFloatBuffer();
            float[] row = new float[dimension];
            double[] sum = new double[dimension];
            for (int token = 0; token < ids.length; token++) {
                values.get(token * dimension, row);
                for (int i = 0; i < dimension; i++) {
                    sum[i] += row[i];
                }
            }
            double squares = 0;
            for (double value : sum) {
                squares += value * value;
            }
            for (int i = 0; i < dimension; i++) {
                row[i] = (float) (sum[i] / Math.sqrt(squares));
            }
            return row;
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = BareLoop.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not on the class path");
            }
            return in.readAllBytes();
        }
    }

    @Override
    public void close() throws OrtException {
        for (OrtSession session : sessions) {
            session.close();
        }
        tokenizer.close();
    }
}
