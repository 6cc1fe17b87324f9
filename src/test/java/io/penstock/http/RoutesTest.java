package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RoutesTest {
    private final Routes routes = Routes.ofDocument();

    @Test
    void shouldKnowWhatAPathTakes() {
        assertThat(routes.methods("/api/processors/fomc")).containsExactly("DELETE", "GET", "HEAD", "PUT");
        assertThat(routes.methods("/api/topic")).containsExactly("POST");
    }

    @Test
    void shouldLetTheLastParameterHoldSlashesOnlyWhereItTakesTheRestOfThePath() {
        assertThat(routes.methods("/api/stores/records/a/b/c")).containsExactly("GET", "HEAD");
        assertThat(routes.methods("/api/processors/a/b")).isEmpty();
    }

    @Test
    void shouldKnowNothingOfOtherPaths() {
        assertThat(routes.methods("/api/topics")).isEmpty();
    }
}
