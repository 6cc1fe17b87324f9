package io.penstock.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class MainContentTest {
    private static final String PROSE =
            "The harbour office closes the north quay to vessels of more than forty metres until the "
                    + "crane has been repaired, which the engineers expect to happen in May. Pilotage stays compulsory at night.";
    private static final String MENU = "<a href='/'>Home</a> <a href='/news'>News</a> <a href='/about'>About us</a>"
            + " <a href='/contact'>Contact</a>";

    @Test
    void shouldBelieveAPageThatNamesItsMainPart() {
        assertThat(text("<header><h1>Notices</h1>Site of the port</header><div>Welcome, visitor</div><main><p>" + PROSE
                        + "</p></main><div>All rights reserved by the port authority</div>"))
                .isEqualTo("# Notices\n\n" + PROSE);
        assertThat(text("<div>Sign in</div><article><h1>Notice 17</h1><p>" + PROSE
                        + "</p></article><div>Imprint</div>"))
                .isEqualTo("# Notice 17\n\n" + PROSE);
    }

    @Test
    void shouldNotBelieveAMainPartThatHoldsLittle() {
        assertThat(text("<main><p>Loading</p></main><div><p>" + PROSE + "</p><p>" + PROSE + "</p></div>"))
                .contains("Loading")
                .contains(PROSE);
    }

    @Test
    void shouldKeepAllArticlesOfAPageThatHasSeveral() {
        assertThat(text("<article><h2>One</h2><p>" + PROSE + "</p></article><article><h2>Two</h2><p>" + PROSE
                        + "</p></article>"))
                .isEqualTo("## One\n\n" + PROSE + "\n\n## Two\n\n" + PROSE);
    }

    @Test
    void shouldLeaveOutBlocksThatAreMostlyLinks() {
        assertThat(text("<div>" + MENU + "</div><h1>Notice</h1><p>" + PROSE + "</p><div><b>Read next</b><ul><li>"
                        + MENU.replace("</a> ", "</a><li>") + "</ul></div>"))
                .isEqualTo("# Notice\n\n" + PROSE);
    }

    @Test
    void shouldKeepProseWithManyLinks() {
        String linked =
                "<p>See <a href='/1'>notice 1</a>, <a href='/2'>notice 2</a> and <a href='/3'>notice 3</a> about the works"
                        + " that close the north quay this spring, and the table of tides.</p>";

        assertThat(text("<p>" + PROSE + "</p>" + linked))
                .contains("See notice 1, notice 2 and notice 3 about the works");
    }

    @Test
    void shouldKeepAListOfLinksThatIsAllThereIs() {
        assertThat(text(
                        "<h1>Notices</h1><ul><li><a href='/1'>North quay closed</a><li><a href='/2'>Pilotage at night</a>"
                                + "<li><a href='/3'>Fog signals</a></ul>"))
                .contains("North quay closed")
                .contains("Fog signals");
    }

    @Test
    void shouldLeaveOutWhatNamesItselfNoContent() {
        assertThat(text(
                        "<div class='cookie-banner'>We use cookies to improve your visit. Accept all?</div><div id='breadcrumbs'>You are"
                                + " here: Port, Notices</div><p>" + PROSE
                                + "</p><div class='share'>Tell your friends about this notice</div><footer>Port authority, Quay Street"
                                + " 1</footer>"))
                .isEqualTo(PROSE);
    }

    @Test
    void shouldKeepWhatIsNamedSoButHoldsTheText() {
        assertThat(text("<div class='sidebar-layout'><p>" + PROSE + "</p></div>"))
                .isEqualTo(PROSE);
        assertThat(
                        text(
                                "<div id='menu'><h1>Menu of the day</h1><p>Soup of leeks, bread, and a pie of apples</p></div>"))
                .contains("Soup of leeks");
        assertThat(text("<footer><p>" + PROSE + "</p></footer>")).isEqualTo(PROSE);
    }

    @Test
    void shouldReadPagesThatAreNestedDeeply() {
        assertThat(text("<div>".repeat(20_000) + "<p>" + PROSE)).isEqualTo(PROSE);
    }

    private static String text(String body) {
        return HtmlText.extract(("<html><body>" + body + "</body></html>").getBytes(UTF_8), Optional.of(UTF_8))
                .text();
    }
}
