package io.penstock.capture;

import io.penstock.schema.StoredResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The responses that a capture knows from the last time, and those that it makes for the next one. Only what has a validator is
 * kept, and only as much as fits; everything else is simply asked for in full.
 */
final class ResponseCopies {
    /** Most bytes of one entry as they are stored, its content compressed. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    /** Most bytes of all that is stored of one response but its content. */
    static final int MAX_HEADER_BYTES = 8 * 1024;

    private final Map<String, StoredResponse> known = new HashMap<>();
    private final List<StoredResponse> kept = new ArrayList<>();
    private final SecretsInUse secrets;
    private int room = MAX_BYTES;

    ResponseCopies(List<StoredResponse> responses, SecretsInUse secrets) {
        responses.forEach(response -> known.put(response.getRequest(), response));
        this.secrets = secrets;
    }

    Optional<Validators> validators(String request) {
        StoredResponse copy = known.get(request);
        if (copy == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Validators(
                    new URI(secrets.unmasked(copy.getUri())),
                    unmasked(copy.getEtag()),
                    unmasked(copy.getLastModified())));
        } catch (URISyntaxException e) {
            return Optional.empty(); // asked for in full, which replaces it
        }
    }

    /** The response as it was, kept for the next time as well; empty when the copy cannot be read. */
    Optional<HttpAnswer> again(String request) {
        StoredResponse copy = known.get(request);
        Optional<Validators> validators = validators(request);
        if (copy == null || validators.isEmpty()) {
            return Optional.empty();
        }
        byte[] content;
        ByteBuffer body = copy.getBody().duplicate();
        byte[] compressed = new byte[body.remaining()];
        body.get(compressed);
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(compressed))) {
            content = secrets.unmasked(in.readAllBytes());
        } catch (IOException e) {
            return Optional.empty(); // asked for in full, which replaces it
        }
        add(copy);
        return Optional.of(new HttpAnswer(
                validators.get().uri(),
                200,
                false,
                content,
                copy.getContentType(),
                validators.get().etag(),
                validators.get().lastModified(),
                copy.getLinks().stream().map(secrets::unmasked).toList()));
    }

    void keep(String request, HttpAnswer answer) {
        if (answer.status() != 200 || (answer.etag() == null && answer.lastModified() == null)) {
            return;
        }
        // Of the links, paging needs one.
        List<String> links = Links.next(answer.links()).stream()
                .map(link -> "<" + link + ">; rel=\"next\"")
                .toList();
        boolean comesBack = Stream.concat(
                        Stream.of(
                                Optional.of(answer.uri().toString()),
                                Optional.ofNullable(answer.etag()),
                                Optional.ofNullable(answer.lastModified()),
                                Optional.ofNullable(answer.contentType())),
                        links.stream().map(Optional::of))
                .flatMap(Optional::stream)
                .allMatch(secrets::comesBack);
        if (!comesBack || !secrets.comesBack(answer.content())) {
            return; // next time it would not be what the server sent, and might hold a secret that it does not know
        }
        add(StoredResponse.newBuilder()
                .setRequest(request)
                .setUri(secrets.masked(answer.uri().toString()))
                .setContentType(answer.contentType())
                .setEtag(masked(answer.etag()))
                .setLastModified(masked(answer.lastModified()))
                .setLinks(links.stream().map(secrets::masked).toList())
                .setBody(ByteBuffer.wrap(compressed(secrets.masked(answer.content()))))
                .build());
    }

    private void add(StoredResponse copy) {
        int content = copy.getBody().remaining();
        int bytes = encodedBytes(copy);
        if (bytes - content <= MAX_HEADER_BYTES && bytes <= room) {
            room -= bytes;
            kept.add(copy);
        }
    }

    private static int encodedBytes(StoredResponse copy) {
        try {
            return copy.toByteBuffer().remaining();
        } catch (IOException e) {
            throw new IllegalStateException("Memory can be written to", e);
        }
    }

    private static byte[] compressed(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new IllegalStateException("Memory can be written to", e);
        }
        return bytes.toByteArray();
    }

    private @Nullable String masked(@Nullable String text) {
        return text == null ? null : secrets.masked(text);
    }

    private @Nullable String unmasked(@Nullable String text) {
        return text == null ? null : secrets.unmasked(text);
    }

    List<StoredResponse> kept() {
        return List.copyOf(kept);
    }
}
