package io.penstock.embedding;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One single-threaded session of a sentence model: token ids in, one unit vector out (mean of the token vectors under the
 * attention mask). One text at a time: the bundled model's dynamic quantisation takes its ranges over the whole batch, so batched
 * vectors would depend on their neighbours.
 *
 * <p><b>Threading.</b> Used by one thread at a time.
 */
final class ModelSession implements AutoCloseable {
    /** Part of the fingerprint: another level gives slightly other vectors. */
    static final OrtSession.SessionOptions.OptLevel OPTIMISATION = OrtSession.SessionOptions.OptLevel.BASIC_OPT;

    private static final String IDS = "input_ids";
    private static final String MASK = "attention_mask";
    private static final String TYPES = "token_type_ids";
    private static final Set<String> KNOWN_INPUTS = Set.of(IDS, MASK, TYPES);
    private static final List<String> USUAL_OUTPUTS = List.of("last_hidden_state", "token_embeddings");
    private static final int TOKEN_VECTORS_RANK = 3;

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final String name;
    private final String output;

    private ModelSession(OrtEnvironment environment, OrtSession session, String name, String output) {
        this.environment = environment;
        this.session = session;
        this.name = name;
        this.output = output;
    }

    /** @throws PenstockException {@code model.invalid}, naming the file */
    static ModelSession open(OrtEnvironment environment, ModelFiles files) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setOptimizationLevel(OPTIMISATION);
            OrtSession session = environment.createSession(files.model(), options);
            try {
                requireInputs(session, files.modelName());
                return new ModelSession(environment, session, files.modelName(), output(session, files.modelName()));
            } catch (OrtException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (OrtException e) {
            throw invalid(files.modelName(), "ONNX Runtime cannot load it: " + e.getMessage(), e);
        }
    }

    /** The unit vector of a text, {@code float[dimension]}. */
    float[] embed(Encoding encoding) {
        long[] ids = encoding.getIds();
        try {
            return run(ids, encoding.getAttentionMask(), encoding.getTypeIds());
        } catch (OrtException e) {
            throw invalid(name, "it fails on a text of " + ids.length + " tokens: " + e.getMessage(), e);
        }
    }

    /**
     * Tries what a short text does not show: the longest text, and the tokenizer's last token.
     *
     * @param largestId token id of the tokenizer that is to know; negative when it is not known
     * @throws PenstockException {@code model.invalid}, naming the file that has to change
     */
    void requireRoomFor(int maxTokens, long largestId, ModelFiles files) {
        if (largestId >= 0) {
            try {
                run(new long[] {largestId}, new long[] {1}, new long[] {0});
            } catch (OrtException e) {
                throw new PenstockException(
                        ErrorCode.MODEL_INVALID,
                        "The tokenizer '" + files.tokenizerName() + "' belongs to another model: it has a token "
                                + largestId + ", and the model '" + name + "' does not know it. Set "
                                + EmbeddingSettings.TOKENIZER + " to the tokenizer.json that came with the model.",
                        e);
            }
        }
        long[] mask = new long[maxTokens];
        Arrays.fill(mask, 1);
        try {
            run(new long[maxTokens], mask, new long[maxTokens]);
        } catch (OrtException e) {
            throw new PenstockException(
                    ErrorCode.MODEL_INVALID,
                    "The model '" + name + "' cannot take texts of " + maxTokens + " tokens: " + e.getMessage()
                            + ". Set " + EmbeddingSettings.MAX_TOKENS
                            + " to as many as it was made for, such as 512 or 256.",
                    e);
        }
    }

    private float[] run(long[] ids, long[] mask, long[] types) throws OrtException {
        long[] shape = {1, ids.length};
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            inputs.put(IDS, OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape));
            inputs.put(MASK, OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape));
            if (session.getInputNames().contains(TYPES)) {
                inputs.put(TYPES, OnnxTensor.createTensor(environment, LongBuffer.wrap(types), shape));
            }
            try (OrtSession.Result result = session.run(inputs, Set.of(output))) {
                return pooled((OnnxTensor) result.get(0), mask);
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("The model session cannot be closed.", e);
        }
    }

    private float[] pooled(OnnxTensor tokens, long[] mask) {
        long[] shape = tokens.getInfo().getShape();
        if (shape.length != TOKEN_VECTORS_RANK || shape[1] != mask.length || shape[2] < 1) {
            throw invalid(name, "it gives a tensor of shape " + Arrays.toString(shape), null);
        }
        int dimension = Math.toIntExact(shape[2]);
        FloatBuffer values = tokens.getFloatBuffer();
        float[] row = new float[dimension];
        double[] sum = new double[dimension];
        for (int token = 0; token < mask.length; token++) {
            if (mask[token] != 0) {
                values.get(token * dimension, row);
                for (int i = 0; i < dimension; i++) {
                    sum[i] += row[i];
                }
            }
        }
        return Vectors.unit(sum);
    }

    private static void requireInputs(OrtSession session, String name) {
        Set<String> inputs = session.getInputNames();
        if (!inputs.contains(IDS) || !inputs.contains(MASK) || !KNOWN_INPUTS.containsAll(inputs)) {
            throw invalid(name, "its inputs are " + inputs, null);
        }
    }

    private static String output(OrtSession session, String name) throws OrtException {
        Map<String, NodeInfo> outputs = session.getOutputInfo();
        for (String usual : USUAL_OUTPUTS) {
            if (outputs.containsKey(usual) && isTokenVectors(outputs.get(usual))) {
                return usual;
            }
        }
        return outputs.values().stream()
                .filter(ModelSession::isTokenVectors)
                .map(NodeInfo::getName)
                .findFirst()
                .orElseThrow(() -> invalid(name, "its outputs are " + outputs.values(), null));
    }

    private static boolean isTokenVectors(NodeInfo node) {
        return node.getInfo() instanceof TensorInfo tensor
                && tensor.type == OnnxJavaType.FLOAT
                && tensor.getShape().length == TOKEN_VECTORS_RANK;
    }

    private static PenstockException invalid(String name, String what, @Nullable Throwable cause) {
        return new PenstockException(
                ErrorCode.MODEL_INVALID,
                "The model '" + name + "' cannot be used: " + what
                        + ". It has to be a sentence model in ONNX form with the"
                        + " inputs input_ids, attention_mask and perhaps token_type_ids, and an output of float token"
                        + " vectors [batch, tokens, dimension].",
                cause);
    }
}
