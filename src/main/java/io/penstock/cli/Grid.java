package io.penstock.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Text in columns, each as wide as its widest cell. */
final class Grid {
    private static final String BETWEEN = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    Grid(String... heads) {
        rows.add(List.of(heads));
    }

    Grid row(String... cells) {
        rows.add(Arrays.stream(cells).map(Screen::oneLine).toList());
        return this;
    }

    /** Prints it two columns from the left, the first row faint. */
    void print(Screen screen) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                if (i == widths.size()) {
                    widths.add(0);
                }
                widths.set(i, Math.max(widths.get(i), Width.of(row.get(i))));
            }
        }
        Style style = Style.DIM;
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(BETWEEN).append(Width.pad(row.get(i), widths.get(i)));
            }
            screen.print(line.toString().stripTrailing(), style).line();
            style = Style.PLAIN;
        }
    }
}
