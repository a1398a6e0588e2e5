"""The shapes in a network, a linear layer that does not fit, three spellings of one network, and ``view``."""

import streamlit as st
from torch import Tensor

from core.topics.workflow import shapes, spellings
from core.topics.workflow.shapes import Layer, Reshaped
from pages.components import source, tables
from pages.components.text import _


def draw(images: Tensor) -> None:
    """Draw the shapes of a small CNN for a batch of images (N, 1, 28, 28), three spellings of it, and reshapes."""
    st.subheader(_("Every layer's input and output"))
    _draw_trace(images)
    st.subheader(_("One network, written in three ways"))
    _draw_spellings(images)
    st.subheader(_("What view and flatten do to a shape"))
    _draw_reshapes(images)


def _draw_trace(images: Tensor) -> None:
    st.markdown(
        _(
            "A forward hook is a function that PyTorch calls after a layer. Here, hooks read the shapes of one real "
            "batch. The first number is the batch size."
        )
    )
    padding = 1 - st.toggle(_("Remove the padding of the convolution"), key="workflow.shapes.no_padding")
    code, table = st.columns([1, 1.2], gap="medium")
    with code:
        text = source.source(shapes.network)
        source.show(text, marked=source.lines_with(text, "padding=padding"), title=f"network(padding={padding})")
    traced = shapes.trace(shapes.network(padding=padding), images)
    with table:
        header = [_("layer"), _("type"), _("input"), _("output"), _("parameters")]
        tables.show(header, list(map(_row, traced.layers)), numeric=[4])
        if traced.error:
            _explain(traced.error, traced.layers)
        else:
            total = sum(layer.parameters for layer in traced.layers)
            st.caption(
                _(
                    "{total:,} parameters. The linear layer expects 8 · 14 · 14 = 1,568 inputs, so the feature maps "
                    "must have 14 × 14 pixels."
                ).format(total=total)
            )


def _row(layer: Layer) -> list[str]:
    output = str(layer.output) if layer.output else _("✕ does not fit")
    return [layer.name, layer.kind, str(layer.input), output, f"{layer.parameters:,}"]


def _explain(error: str, layers: tuple[Layer, ...]) -> None:
    """Show PyTorch's error message, and explain its numbers."""
    st.error(error, icon=":material/block:")
    numbers = shapes.mismatch(error)
    if not numbers:
        return
    channels, *sides = layers[0].output[1:] if layers[0].output else (0,)
    st.markdown(
        _(
            "- `mat1`, **{rows}x{input}**, is the *input* of the layer: {rows} images with {input:,} values each.\n"
            "- `mat2`, **{expected}x{outputs}**, is the *layer's* weight: it expects {expected:,} values, and gives "
            "{outputs} outputs.\n"
            "- The two numbers in the middle must be equal, but {input:,} ≠ {expected:,}."
        ).format(rows=numbers.rows, input=numbers.input, expected=numbers.expected, outputs=numbers.outputs)
    )
    st.markdown(
        _(
            "The cause is in an earlier layer. Without padding, the convolution's feature maps are smaller: "
            "{channels} · {side} · {side} = {input:,}. Either restore the padding, or write "
            "`nn.Linear({channels} * {side} * {side}, {outputs})`."
        ).format(channels=channels, side=sides[0] if sides else 0, input=numbers.input, outputs=numbers.outputs)
    )


def _draw_spellings(images: Tensor) -> None:
    st.markdown(
        _(
            "A subclass of `nn.Module` can compute anything in `forward`. `nn.Sequential` applies its layers one after "
            "another. An `OrderedDict` gives these layers names."
        )
    )
    titles = {
        "module": _("A subclass of nn.Module"),
        "sequential": _("nn.Sequential"),
        "named": _("nn.Sequential with named layers"),
    }
    compared = spellings.compare(images)
    codes = {name: source.source(create) for name, create in spellings.SPELLINGS.items()}
    for column, (name, spelling) in zip(st.columns(3), compared.items(), strict=True):
        with column:
            st.markdown(f"**{titles[name]}**")
            source.show(codes[name])
            st.caption(_("Output of `print(model)`"))
            st.code(spelling.printed, language=None, wrap_lines=True)
            st.caption(_("Names in `model.state_dict()`"))
            st.code("\n".join(spelling.names), language=None)
    difference = max(spelling.difference for spelling in compared.values())
    st.markdown(
        _(
            "With the same weights, all three give the same outputs. Largest difference: **{difference:g}**. The names "
            "in the state dict are different: the weights of the second network do not load into the others. `print` "
            "shows only layers that are attributes, so ReLU and `flatten` are missing from the first output."
        ).format(difference=difference)
    )


def _draw_reshapes(images: Tensor) -> None:
    feature_maps = shapes.network()[:2](images).detach()
    st.markdown(
        _(
            "Between the convolution and the linear layer, each image must become a row of numbers. `x` holds the "
            "feature maps of the batch."
        )
    )
    codes = [source.source(function).splitlines()[-1].strip().removeprefix("return ") for function in shapes.RESHAPES]
    chosen = st.pills(
        _("Reshape"),
        range(len(codes)),
        format_func=lambda number: f"`{codes[number]}`",
        default=0,
        required=True,
        key="workflow.shapes.reshape",
        label_visibility="collapsed",
    )
    result = shapes.reshape(shapes.RESHAPES[chosen], feature_maps)
    after = _("error") if result.shape is None else str(result.shape)
    st.code(f"x.shape   {tuple(feature_maps.shape)}\nresult    {after}", language=None)
    if result.error:
        st.code(result.error, language=None, wrap_lines=True)
    st.markdown(_meaning(shapes.RESHAPES[chosen].__name__, result))


def _meaning(name: str, result: Reshaped) -> str:
    """Return an explanation of a reshape."""
    memory = (
        _("The result uses the memory of `x`: no number is copied.")
        if result.shares_memory
        else _("The result is a copy, because its numbers are in a different order in memory.")
    )
    meanings = {
        "flatten_each_image": _("Every dimension from the second one on becomes one: a row for each image."),
        "view_as_rows": _("PyTorch computes the size that is given as −1. The result is the same as `x.flatten(1)`."),
        "flatten_everything": _(
            "The batch dimension is lost: all images are in one row, which is too long for the linear layer."
        ),
        "view_two_images_as_a_row": _(
            "**No error, but a mistake**: each row now holds two images. `view` checks only the number of values."
        ),
        "view_as_another_size": _("A view keeps the number of values. This size would need a different number."),
        "view_a_transposed_tensor": _(
            "`transpose` changes only how PyTorch walks through the memory. A view cannot describe the new order."
        ),
        "reshape_a_transposed_tensor": _("`reshape` makes a view if possible, and a copy otherwise."),
        "flatten_and_unflatten": _("`unflatten` restores the original shape, so no value was lost."),
    }
    return meanings[name] if result.error else f"{meanings[name]} {memory}"
