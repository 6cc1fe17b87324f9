package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    @Test
    void shouldFindTheKeyInEachOfTheThreePlaces() {
        assertThat(Credentials.of("k1", null)).contains("k1");
        assertThat(Credentials.of(null, "Bearer k2")).contains("k2");
        assertThat(Credentials.of(null, "bearer   k2 ")).contains("k2");
        assertThat(Credentials.of(null, basic("anyone:k3"))).contains("k3");
        assertThat(Credentials.of(null, basic(":k:3"))).contains("k:3");
    }

    @Test
    void shouldPreferThePlainHeaderAndIgnoreAnEmptyOne() {
        assertThat(Credentials.of("k1", "Bearer k2")).contains("k1");
        assertThat(Credentials.of(" ", "Bearer k2")).contains("k2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "k", "Digest k", "Basic"})
    void shouldFindNothingElsewhere(String authorization) {
        assertThat(Credentials.of(null, authorization)).isEmpty();
    }

    @Test
    void shouldTakeBasicThatCannotBeReadForAWrongKey() {
        assertThat(Credentials.of(null, "Basic !!!")).contains("");
        assertThat(Credentials.of(null, basic("no colon"))).isEmpty();
        assertThat(new ApiKey("secret", "").matches("")).isFalse();
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    }
}
