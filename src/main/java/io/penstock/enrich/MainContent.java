package io.penstock.enrich;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/**
 * Removes from a page what surrounds its content. What the page itself calls its main part is believed when it holds a good share
 * of the words; blocks that are mostly links, and those whose names say that they are no content, go. What would take too much
 * away is not done: the content of a page may be a list of links, and a page may call everything a sidebar.
 */
final class MainContent {
    private static final String INVISIBLE =
            "script, style, noscript, template, nav, svg, iframe, object, embed, canvas, "
                    + "select, button, input, textarea, head, menu, dialog:not([open]), [hidden], [aria-hidden=true], "
                    + "[role=navigation], [role=menu], [role=menubar], [role=search], [style~=(?i)display\\s*:\\s*none]";

    /** Words in names of classes and ids of what is no content. Comments are not among them: a forum consists of them. */
    private static final Pattern NO_CONTENT = Pattern.compile(
            "(?i)(^|[\\s_-])(cookies?|consent|gdpr|breadcrumbs?|share|sharing|social|sidebar|side-bar|related"
                    + "|newsletter|subscribe|advert|advertisement|ads?|sponsored|banner|pagination|pager|skip-?links?|navbar|navigation"
                    + "|nav|menu|toolbar|masthead|promo|popup|site-?header|site-?footer|page-?footer|toc)($|[\\s_-])");

    private static final Set<String> BLOCKS = Set.of(
            "div", "section", "aside", "header", "footer", "ul", "ol", "dl", "table", "form", "p", "td", "center");

    private static final int FEW_CHARACTERS = 140;
    private static final double GOOD_SHARE = 0.3;
    private static final double MOST_OF_IT = 0.5;
    private static final double MOSTLY_LINKS = 0.6;
    private static final int SOME_LINKS = 3;
    /** Of prose in a block that its name alone may condemn. */
    private static final int SHORT_PROSE = 600;

    private final IdentityHashMap<Element, Weight> weights = new IdentityHashMap<>();

    /** Characters in it, those of them in links, and how many links. */
    private static final class Weight {
        private int characters;
        private int linked;
        private int links;

        int prose() {
            return characters - linked;
        }

        boolean isMostlyLinks() {
            return links >= SOME_LINKS && linked >= MOSTLY_LINKS * characters;
        }
    }

    private MainContent() {}

    static void keepIn(Document document) {
        document.select(INVISIBLE).remove();
        Element body = document.body();
        if (body != null) {
            new MainContent().keep(body);
        }
    }

    private void keep(Element body) {
        weigh(body);
        Element root = root(body);
        List<Element> surplus = new ArrayList<>();
        int left = weight(root).characters;
        int proseLeft = weight(root).prose();
        int leastProse = (int) Math.max(FEW_CHARACTERS, MOST_OF_IT * proseLeft);
        for (Element block : candidates(root, !root.equals(body))) {
            Weight weight = weight(block);
            boolean leavesEnough = proseLeft - weight.prose() >= leastProse;
            if (leavesEnough || (weight.prose() == 0 && proseLeft >= FEW_CHARACTERS)) {
                surplus.add(block);
                left -= weight.characters;
                proseLeft -= weight.prose();
            }
        }
        if (left > 0) {
            surplus.forEach(Node::remove);
        }
        if (!root.equals(body)) {
            Element heading = root.selectFirst("h1") == null ? body.selectFirst("h1") : null;
            root.remove();
            body.empty();
            if (heading != null) {
                body.appendChild(heading);
            }
            body.appendChild(root);
        }
    }

    /** The part that the page calls its main one, if it holds what a reader came for. */
    private Element root(Element body) {
        int prose = weight(body).prose();
        for (String query : List.of("main, [role=main]", "article, [itemprop=articleBody]")) {
            List<Element> found = body.select(query).stream()
                    .filter(element -> element.parents().stream().noneMatch(parent -> parent.is(query)))
                    .toList();
            if (found.size() == 1
                    && weight(found.getFirst()).prose() >= FEW_CHARACTERS
                    && weight(found.getFirst()).prose() >= GOOD_SHARE * prose) {
                return found.getFirst();
            }
        }
        return body;
    }

    /** Blocks that are no content by their name or by their links; none of them lies in another. */
    private List<Element> candidates(Element root, boolean isMain) {
        List<Element> found = new ArrayList<>();
        Deque<Element> open = new ArrayDeque<>(root.children());
        while (!open.isEmpty()) {
            Element element = open.poll();
            if (BLOCKS.contains(element.normalName()) && isSurplus(element, isMain)) {
                found.add(element);
            } else {
                open.addAll(element.children());
            }
        }
        return found;
    }

    private boolean isSurplus(Element element, boolean isMain) {
        Weight weight = weight(element);
        if (weight.characters == 0) {
            return false;
        }
        if (weight.isMostlyLinks()) {
            return true;
        }
        boolean isFrame = switch (element.normalName()) {
            case "footer" -> true;
            case "header" -> !isMain && element.selectFirst("h1") == null;
            case "aside" -> !isMain && weight.links > 0;
            default -> false;
        };
        return weight.prose() <= SHORT_PROSE
                && (isFrame || hasNameOfNoContent(element))
                && element.selectFirst("h1, main, article") == null;
    }

    private static boolean hasNameOfNoContent(Element element) {
        return NO_CONTENT.matcher(element.className()).find()
                || NO_CONTENT.matcher(element.id()).find();
    }

    private Weight weight(Element element) {
        return weights.getOrDefault(element, new Weight());
    }

    private void weigh(Element body) {
        body.traverse(new NodeVisitor() {
            private int links;

            @Override
            public void head(Node node, int depth) {
                if (node instanceof TextNode leaf) {
                    count(leaf);
                } else if (node instanceof Element element) {
                    weights.put(element, new Weight());
                    links += element.normalName().equals("a") ? 1 : 0;
                }
            }

            private void count(TextNode leaf) {
                int characters = leaf.text().strip().length();
                Element parent = leaf.parent();
                if (characters > 0 && parent != null) {
                    Weight weight = weight(parent);
                    weight.characters += characters;
                    weight.linked += links > 0 ? characters : 0;
                }
            }

            @Override
            public void tail(Node node, int depth) {
                if (node instanceof Element element) {
                    boolean isLink = element.normalName().equals("a");
                    links -= isLink ? 1 : 0;
                    if (!element.equals(body) && element.parent() != null) {
                        Weight own = weight(element);
                        Weight parent = weight(element.parent());
                        parent.characters += own.characters;
                        parent.linked += own.linked;
                        parent.links += own.links + (isLink ? 1 : 0);
                    }
                }
            }
        });
    }
}
