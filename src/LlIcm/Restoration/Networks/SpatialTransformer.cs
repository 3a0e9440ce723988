using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// One transformer block over the positions of a map (latent diffusion, arXiv 2112.10752): self-attention, attention
/// over the content embedding, gated feed-forward; the input is added to the result.
/// </summary>
internal sealed class SpatialTransformer : Module
{
    private readonly GroupNorm _norm;
    private readonly Conv2d _input, _output;
    private readonly TransformerBlock _block;

    public SpatialTransformer(int channels, int contextWidth)
    {
        _norm = Child("norm", new GroupNorm(32, channels, 1e-6));
        _input = Child("proj_in", new Conv2d(channels, channels, 1));
        var blocks = new ModuleList<TransformerBlock>();
        _block = blocks.Add(new TransformerBlock(channels, contextWidth));
        Child("transformer_blocks", blocks);
        _output = Child("proj_out", new Conv2d(channels, channels, 1));
    }

    /// <summary>What the content embedding [B, C'] adds at every position: [B, 1, C].</summary>
    public Tensor Prepare(Tensor content) => _block.CrossAttention.OfOneToken(content);

    /// <param name="input">[B, C, H, W].</param>
    /// <param name="content">From <see cref="Prepare"/>, or null.</param>
    public Tensor Forward(Tensor input, Tensor? content)
    {
        (long batch, long channels) = (input.Size(0), input.Size(1));
        (long height, long width) = (input.Size(2), input.Size(3));
        // Norms keep single precision under autocast: libtorch 1.13 has no mixed kernels for them.
        Tensor x = _input.Forward(_norm.Forward(input.To(ScalarType.Float)));
        x = x.Permute(0, 2, 3, 1).Reshape(batch, height * width, channels);
        x = _block.Forward(x, content);
        x = x.Reshape(batch, height, width, channels).Permute(0, 3, 1, 2);
        return _output.Forward(x) + input;
    }

    private sealed class TransformerBlock : Module
    {
        private readonly CrossAttention _selfAttention;
        private readonly Linear _gated, _down;
        private readonly LayerNorm _norm1, _norm2, _norm3;

        public TransformerBlock(int channels, int contextWidth)
        {
            _selfAttention = Child("attn1", new CrossAttention(channels, channels));
            _gated = new Linear(channels, channels * 8);
            _down = new Linear(channels * 4, channels);
            Child("ff", new FeedForward(_gated, _down));
            CrossAttention = Child("attn2", new CrossAttention(channels, contextWidth));
            _norm1 = Child("norm1", new LayerNorm(channels));
            _norm2 = Child("norm2", new LayerNorm(channels));
            _norm3 = Child("norm3", new LayerNorm(channels));
        }

        public CrossAttention CrossAttention { get; }

        public Tensor Forward(Tensor tokens, Tensor? content)
        {
            Tensor x = tokens.To(ScalarType.Float);
            x += _selfAttention.OfItself(_norm1.Forward(x));
            x += content ?? CrossAttention.OfItself(_norm2.Forward(x));
            Tensor gated = _gated.Forward(_norm3.Forward(x));
            long half = gated.Size(2) / 2;
            return x + _down.Forward(gated.Narrow(2, 0, half) * gated.Narrow(2, half, half).Gelu());
        }
    }

    /// <summary>Only names: <c>ff.net.0.proj</c> (values, then gates) and <c>ff.net.2</c>.</summary>
    private sealed class FeedForward : Module
    {
        public FeedForward(Linear gated, Linear down) => Child("net", new Net(gated, down));

        private sealed class Net : Module
        {
            public Net(Linear gated, Linear down)
            {
                Child("0", new Gate(gated));
                Child("2", down);
            }
        }

        private sealed class Gate : Module
        {
            public Gate(Linear gated) => Child("proj", gated);
        }
    }
}
