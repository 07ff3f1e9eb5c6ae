"""Self-attention over the positions of a feature map: each position asks all others what they know.

Vaswani et al. (2017), arXiv:1706.03762 (scaled dot products, heads), and Zhang et al. (2019), arXiv:1805.08318 (on
maps, with a learned residual weight): the two that Huang's Eq. 1 and Fig. 6 are taken from.
"""

from ..keras_quietly import keras

ops = keras.ops

SCOPES = ("all", "rows")


@keras.saving.register_keras_serializable(package="face2sketch")
class SelfAttention2D(keras.layers.Layer):
    """softmax(q k^T / sqrt(d)) v over the positions of a map (Huang, Eq. 1), in several heads.

    With the defaults: queries, keys and values are learned linear maps of each position's channels; each head
    weighs all H * W positions; the heads' answers are joined and mapped back to the input's channels; and the result
    is x + gamma * answer with a learned gamma that starts at 0, so that the layer begins by doing nothing.

    What Huang's notebook did, `Attention()([x, x])` on a 4-D tensor, is `scope="rows", heads=1,
    projections=False, scaled=False, residual=False`: no weights at all, and each row sees itself alone.

    Args:
        heads: attention maps side by side; 1 without projections.
        key_channels: channels of queries, keys and values in each head; by default input channels / heads,
            rounded down, at least 1.
        scope: "all" positions of the map, or "rows": those of the same row.
        projections: False takes the input itself as queries, keys, values and answer.
        scaled: divide the dot products by sqrt(key_channels).
        residual: x + gamma * answer; False gives the answer alone.
        start: the value that gamma starts from: 0 as in Zhang et al., 1 for a full part from the first step.

    Input and output: (N, H, W, channels).
    """

    def __init__(
        self,
        heads: int = 4,
        key_channels: int | None = None,
        scope: str = "all",
        projections: bool = True,
        scaled: bool = True,
        residual: bool = True,
        start: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if scope not in SCOPES:
            raise ValueError(f"scope is {scope!r}: expected one of {', '.join(SCOPES)}")
        if heads < 1 or (heads > 1 and not projections):
            raise ValueError(f"{heads} heads: expected at least one, and just one without projections")
        self.heads, self.key_channels, self.scope = heads, key_channels, scope
        self.projections, self.scaled, self.residual = projections, scaled, residual
        self.start = float(start)

    def build(self, input_shape):
        channels = input_shape[-1]
        self.width = (self.key_channels or max(1, channels // self.heads)) if self.projections else channels
        if self.projections:
            for name in ("query", "key", "value"):
                dense = keras.layers.Dense(self.heads * self.width, name=name)
                dense.build((None, channels))
                setattr(self, name, dense)
            self.output_dense = keras.layers.Dense(channels, name="output")
            self.output_dense.build((None, self.heads * self.width))
        if self.residual:
            start = keras.initializers.Constant(self.start)
            self.gamma = self.add_weight(name="gamma", shape=(), initializer=start)
        self.built = True

    def attention_map(self, x):
        """How much each position draws from each other one; sums over the last axis are 1.

        Returns:
            (N, heads, H*W, H*W) for scope "all", (N, heads, H, W, W) for "rows": the last index is the position
            looked at, the one before it the position that looks.
        """
        height, width = x.shape[1:3]
        weights = self._weights(self._sequences(x))
        if self.scope == "all":
            return weights
        weights = ops.reshape(weights, (-1, height, self.heads, width, width))
        return ops.transpose(weights, (0, 2, 1, 3, 4))

    def call(self, x):
        """Attend: (N, H, W, channels) to the same."""
        sequences = self._sequences(x)
        values = self._split(self.value(sequences) if self.projections else sequences)
        answer = ops.einsum("bhqk,bkhd->bqhd", self._weights(sequences), values)
        answer = ops.reshape(answer, (-1, sequences.shape[1], self.heads * self.width))
        if self.projections:
            answer = self.output_dense(answer)
        answer = ops.reshape(answer, (-1, *x.shape[1:]))
        return x + self.gamma * answer if self.residual else answer

    def _sequences(self, x):
        """The map as sequences of positions that may see each other: one for each map, or one for each row."""
        height, width, channels = x.shape[1:]
        return ops.reshape(x, (-1, height * width if self.scope == "all" else width, channels))

    def _split(self, sequences):
        """Channels divided among the heads: (B, positions, heads, width)."""
        return ops.reshape(sequences, (-1, sequences.shape[1], self.heads, self.width))

    def _weights(self, sequences):
        """Softmax of the dot products, (B, heads, positions, positions)."""
        queries = self._split(self.query(sequences) if self.projections else sequences)
        keys = self._split(self.key(sequences) if self.projections else sequences)
        if self.scaled:
            queries = queries / self.width**0.5  # before the product: fewer numbers to divide
        return ops.softmax(ops.einsum("bqhd,bkhd->bhqk", queries, keys), axis=-1)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict:
        return super().get_config() | {
            "heads": self.heads, "key_channels": self.key_channels, "scope": self.scope,
            "projections": self.projections, "scaled": self.scaled, "residual": self.residual,
            "start": self.start,
        }  # fmt: skip
