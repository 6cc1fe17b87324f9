package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class UrisTest {
    @Test
    void shouldCiteWhatIdentifiesTheContentAndNoSecret() {
        URI uri = URI.create(
                "https://user:pw@example.org:8443/v1/quotes?symbol=aapl&apikey=s3cret&page=2&access_token=t#x");

        assertThat(Uris.cited(uri))
                .isEqualTo("https://example.org:8443/v1/quotes?symbol=aapl&apikey=***&page=2&access_token=***");
    }

    @Test
    void shouldCiteAnAddressWithoutQueryAsItIs() {
        assertThat(Uris.cited(URI.create("https://example.org/a/b"))).isEqualTo("https://example.org/a/b");
    }
}
