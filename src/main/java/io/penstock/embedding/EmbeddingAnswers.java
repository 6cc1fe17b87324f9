package io.penstock.embedding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What an instance that has the model answers one that has none. May be called from any thread. */
public final class EmbeddingAnswers {
    static final String PATH = "/internal/embeddings";
    private static final String TEXTS = "texts";
    private static final String MODEL = "model";
    private static final String DIMENSION = "dimension";
    private static final String TOKENS = "tokens";
    private static final String VECTORS = "vectors";

    private final Embeddings embeddings;

    /** @param embeddings with a model of their own */
    public EmbeddingAnswers(Embeddings embeddings) {
        this.embeddings = embeddings;
    }

    /**
     * {@code {"texts":[...]}} to {@code {"model","dimension","tokens","vectors":["<base64 of float32, little-endian>",...]}}; without
     * texts, what the model is.
     */
    public ObjectNode answer(JsonNode question) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        question.path(TEXTS).forEach(text -> texts.add(text.asText()));
        EmbeddedTexts embedded = texts.isEmpty()
                ? new EmbeddedTexts(embeddings.model().orElseThrow(), List.of(), 0)
                : embeddings.embed(texts);
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put(MODEL, embedded.model().name())
                .put(DIMENSION, embedded.model().dimension())
                .put(TOKENS, embedded.tokens());
        ArrayNode vectors = answer.putArray(VECTORS);
        embedded.vectors().forEach(vector -> vectors.add(Vectors.encode(vector).array()));
        return answer;
    }

    static ObjectNode question(List<String> texts) {
        ObjectNode question = JsonNodeFactory.instance.objectNode();
        ArrayNode array = question.putArray(TEXTS);
        texts.forEach(array::add);
        return question;
    }

    /** @throws IOException when it is no answer to so many texts */
    static EmbeddedTexts read(JsonNode answer, int texts) throws IOException {
        EmbeddingModel model = new EmbeddingModel(
                answer.path(MODEL).asText(), answer.path(DIMENSION).asInt());
        List<float[]> vectors = new ArrayList<>();
        for (JsonNode vector : answer.path(VECTORS)) {
            vectors.add(Vectors.decode(ByteBuffer.wrap(vector.binaryValue())));
        }
        if (model.name().isEmpty()
                || vectors.size() != texts
                || vectors.stream().anyMatch(vector -> vector.length != model.dimension())) {
            throw new IOException("not the vectors of " + texts + " texts");
        }
        return new EmbeddedTexts(model, vectors, answer.path(TOKENS).asInt());
    }
}
