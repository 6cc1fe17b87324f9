package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            https://h/a/b?x=1  | ?y=2        | https://h/a/b?y=2
            https://h/a/b#top  | ?y=2        | https://h/a/b?y=2
            https://h          | ?y=2        | https://h?y=2
            https://h/a/b?x=1  | ``          | https://h/a/b?x=1
            https://h/a/b?x=1  | c           | https://h/a/c
            https://h/a/b?x=1  | /c?z        | https://h/c?z
            https://h/a/b?x=1  | //o/c       | https://o/c
            https://h/a/b?x=1  | http://o/   | http://o/
            """)
    void shouldResolveReferences(String base, String reference, String expected) {
        assertThat(Uris.resolved(URI.create(base), reference)).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://h/a           | https://h/a?p=1%262
            https://h/a?x=1       | https://h/a?x=1&p=1%262
            https://h/a?p=0&x=1&p | https://h/a?x=1&p=1%262
            https://h/a?x=1#top   | https://h/a?x=1&p=1%262
            https://h/a#top?      | https://h/a?p=1%262
            """)
    void shouldPutAParameterInThePlaceOfItsNamesakes(String uri, String expected) throws Exception {
        assertThat(Uris.withParameter(URI.create(uri), "p", "1&2")).hasToString(expected);
    }
}
