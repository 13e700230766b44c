package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.run.Output;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.NamedFunction;
import io.github.psft4j.jinja.value.PythonObject;
import java.util.Map;

/** The variable {@code self}: the template's blocks as functions. */
public record SelfReference(Map<String, Statement> blocks, Scope root) implements PythonObject {
    @Override
    public Object member(String name) {
        Statement block = blocks.get(name);
        return block == null
                ? Args.ABSENT
                : new NamedFunction(name, (budget, args) -> {
                    args.bind(name);
                    budget.enter();
                    Output out = new Output(budget);
                    block.execute(new Scope(root), out);
                    budget.leave();
                    return out.toString();
                });
    }

    @Override
    public String repr() {
        return "<TemplateReference None>";
    }
}
