package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinksTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            </a>; rel="next"                                    | /a
            </a>; rel=next                                      | /a
            </a>;rel="last", </b>;rel="next"                    | /b
            </a,b;c>; title="x, <y>; rel=next"; rel="prev next" | /a,b;c
            </a>; REL="Next"; title*=UTF-8''x                   | /a
            </a>; rel="prev"; rel="next"                        | none
            </a>; title="rel=next"                              | none
            </a>                                                | none
            nonsense                                            | none
            """)
    void shouldFindTheNextPage(String header, String expected) {
        assertThat(Links.next(List.of(header)))
                .isEqualTo(expected.equals("none") ? Optional.empty() : Optional.of(expected));
    }

    @Test
    void shouldLookAtAllHeaders() {
        assertThat(Links.next(List.of("</a>; rel=prev", "</b>; rel=next"))).contains("/b");
        assertThat(Links.next(List.of())).isEmpty();
    }

    @Test
    @Timeout(10)
    void shouldNotTakeLongOverAHostileHeader() {
        assertThat(Links.next(List.of("<a>" + "; a=\"b\"".repeat(5000) + " \"".repeat(5000))))
                .isEmpty();
    }
}
