package io.penstock.http.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedding.EmbeddingModel;
import io.penstock.embedding.Embeddings;
import io.penstock.error.ErrorCode;
import io.penstock.http.Bodies;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is to be embedded, and how the vectors are wanted. The field {@code user} and those that are not known are passed over.
 *
 * @param base64 whether a vector is wanted as the base64 of its floats, little-endian, and not as an array of numbers
 */
record EmbeddingsRequest(String model, List<String> texts, boolean base64, Optional<Integer> dimensions) {
    private static final String INPUT = "input";
    private static final String TOKENS =
            "This model takes text and not token ids, which belong to another model's tokenizer. Send strings; LangChain's"
                    + " OpenAIEmbeddings does with check_embedding_ctx_length=False.";

    static EmbeddingsRequest read(JsonNode body) {
        return new EmbeddingsRequest(
                InvalidParameter.in("model", () -> Bodies.requiredText(body, "model")),
                texts(body.path(INPUT)),
                base64(body),
                InvalidParameter.in("dimensions", () -> Bodies.integer(body, "dimensions")));
    }

    private static List<String> texts(JsonNode input) {
        if (input.isTextual()) {
            return List.of(input.textValue());
        }
        if (!input.isArray() || input.isEmpty()) {
            throw InvalidParameter.malformed(
                    INPUT, "The field 'input' is a string, or an array of at least one string.");
        }
        if (input.size() > Embeddings.MAX_TEXTS && !isTokens(input.get(0))) {
            throw InvalidParameter.unsupported(
                    INPUT, "One call embeds 1 to " + Embeddings.MAX_TEXTS + " texts, not " + input.size() + ".");
        }
        List<String> texts = new ArrayList<>(input.size());
        for (JsonNode text : input) {
            if (isTokens(text)) {
                throw InvalidParameter.unsupported(INPUT, TOKENS);
            }
            if (!text.isTextual()) {
                throw InvalidParameter.malformed(INPUT, "The field 'input' must hold strings only.");
            }
            texts.add(text.textValue());
        }
        return texts;
    }

    private static boolean isTokens(JsonNode text) {
        return text.isNumber() || text.isArray();
    }

    private static boolean base64(JsonNode body) {
        String format = InvalidParameter.in("encoding_format", () -> Bodies.text(body, "encoding_format"))
                .orElse("float");
        return switch (format) {
            case "float" -> false;
            case "base64" -> true;
            default ->
                throw InvalidParameter.unsupported(
                        "encoding_format", "The field 'encoding_format' is 'float' or 'base64'.");
        };
    }

    /** @throws InvalidParameter when another model, or another length of its vectors, is wanted than there is */
    void require(EmbeddingModel there) {
        if (!model.equals(there.name())) {
            throw new InvalidParameter(
                    ErrorCode.MODEL_UNKNOWN,
                    (ChatModel.named(model).isPresent()
                                    ? "The model '" + model + "' answers questions and embeds nothing."
                                    : "There is no embedding model '" + model + "'.")
                            + " The one that there is, is '" + there.name() + "'.",
                    "model");
        }
        if (dimensions.isPresent() && dimensions.get() != there.dimension()) {
            throw InvalidParameter.unsupported(
                    "dimensions",
                    "Vectors of " + there.name() + " have " + there.dimension() + " dimensions and no other number.");
        }
    }
}
