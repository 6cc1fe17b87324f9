package io.penstock.http.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.embedding.EmbeddedTexts;
import io.penstock.embedding.EmbeddingModel;
import io.penstock.embedding.Embeddings;
import io.penstock.embedding.Vectors;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.http.Bodies;
import io.penstock.http.Services;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Embeds texts with the model that the index is made with. */
@Path("/v1/embeddings")
@Produces(MediaType.APPLICATION_JSON)
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class EmbeddingsResource {
    private static final JsonFactory JSON = new JsonFactory();

    private final Services services;

    public EmbeddingsResource(Services services) {
        this.services = services;
    }

    @POST
    public byte[] embed(byte @Nullable [] body) throws InterruptedException {
        EmbeddingsRequest request = EmbeddingsRequest.read(Bodies.object(body));
        Embeddings embeddings = services.embeddings();
        EmbeddingModel model = embeddings
                .model()
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.NOT_READY,
                        "No instance that is running has the embedding model, or it does not answer. Start one with the"
                                + " role rag, or try again in a moment."));
        request.require(model);
        try {
            return json(embeddings.embed(request.texts()), request.base64());
        } catch (PenstockException e) {
            throw e.code() == ErrorCode.PARAMETER_INVALID ? InvalidParameter.unsupported("input", e.detail()) : e;
        }
    }

    /** Written at once: as a tree of nodes, the numbers of many vectors would take ten times the memory. */
    static byte[] json(EmbeddedTexts embedded, boolean base64) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("object", "list");
            json.writeArrayFieldStart("data");
            for (int i = 0; i < embedded.vectors().size(); i++) {
                json.writeStartObject();
                json.writeStringField("object", "embedding");
                json.writeNumberField("index", i);
                json.writeFieldName("embedding");
                write(json, embedded.vectors().get(i), base64);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeStringField("model", embedded.model().name());
            json.writeObjectFieldStart("usage");
            json.writeNumberField("prompt_tokens", embedded.tokens());
            json.writeNumberField("total_tokens", embedded.tokens());
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is written but memory
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, float[] vector, boolean base64) throws IOException {
        if (base64) {
            json.writeBinary(Vectors.encode(vector).array());
            return;
        }
        json.writeStartArray();
        for (float value : vector) {
            json.writeNumber(value);
        }
        json.writeEndArray();
    }
}
