package io.penstock.capture;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.penstock.schema.DataEntry;
import io.penstock.schema.SourceConfig;
import io.penstock.stage.CallException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes capture requests for tests. */
final class Requests {
    private Requests() {}

    static CaptureRequest file(String uri, String value) {
        return of(source("file", uri).build(), value);
    }

    static CaptureRequest http(String uri, String value) {
        return of(source("http", uri).build(), value);
    }

    static CaptureRequest inline(Map<String, String> fields) {
        return new CaptureRequest(
                "p1",
                new DataEntry("a/b", "Label", fields),
                source("inline", null).build());
    }

    static CaptureRequest of(SourceConfig source, String value) {
        return new CaptureRequest("p1", new DataEntry(value, "Label of " + value, Map.of()), source);
    }

    static SourceConfig.Builder source(String type, @Nullable String uri) {
        return SourceConfig.newBuilder().setType(type).setUri(uri);
    }

    /** The failure of a capture that must not succeed. */
    static CallException failure(Source source, CaptureRequest request) {
        CallException failure = catchThrowableOfType(CallException.class, () -> source.fetch(request));
        if (failure == null) {
            throw new AssertionError("the capture did not fail");
        }
        return failure;
    }
}
