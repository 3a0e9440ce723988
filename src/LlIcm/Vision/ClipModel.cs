using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>
/// CLIP (Radford et al. 2021): pictures and texts in one embedding. State-dict names as published by OpenAI and
/// open_clip: the image tower under <c>visual</c>, the text tower at the top.
/// </summary>
public sealed class ClipModel : Module
{
    private readonly Tensor? _textPositions, _textProjection;
    private readonly TransformerEncoder? _textTransformer;
    private readonly Embedding? _tokenEmbedding;
    private readonly LayerNorm? _textNorm;

    /// <summary>A model with CLIP's initialisation.</summary>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public ClipModel(ClipOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        int width = options.TextWidth;
        if (options.HasText)
        {
            _textPositions = Parameter(
                "positional_embedding", Initialization.Normal([options.ContextLength, width], 0.01));
            _textProjection = Parameter(
                "text_projection", Initialization.Normal([width, options.EmbedDim], Math.Pow(width, -0.5)));
        }
        LogitScale = Parameter("logit_scale", Tensor.Scalar(MathF.Log(1 / 0.07f)));
        Visual = Child("visual", new VisionTransformer(options));
        if (options.HasText)
        {
            _textTransformer = Child(
                "transformer", new TransformerEncoder(width, options.TextLayers, options.TextHeads, options.QuickGelu));
            _tokenEmbedding = Child("token_embedding", new Embedding(options.VocabularySize, width));
            Initialization.RefillNormal(_tokenEmbedding.Weight, 0.02);
            _textNorm = Child("ln_final", new LayerNorm(width));
        }
    }

    /// <summary>The sizes.</summary>
    public ClipOptions Options { get; }

    /// <summary>The image tower.</summary>
    public VisionTransformer Visual { get; }

    /// <summary>A scalar: the logarithm of the factor that turns cosines into logits.</summary>
    public Tensor LogitScale { get; }

    /// <summary>The text tower's blocks.</summary>
    /// <exception cref="InvalidOperationException">The model was built without text tower.</exception>
    public TransformerEncoder TextTransformer => _textTransformer ?? throw NoText();

    /// <summary>The text tower's last normalisation.</summary>
    /// <exception cref="InvalidOperationException">The model was built without text tower.</exception>
    public LayerNorm TextNorm => _textNorm ?? throw NoText();

    /// <summary>Embeds pictures.</summary>
    /// <param name="image">[B, 3, S, S], preprocessed.</param>
    /// <returns>[B, E], not normalised.</returns>
    /// <exception cref="ArgumentException">The pictures have another shape.</exception>
    public Tensor EncodeImage(Tensor image) => Visual.Forward(image);

    /// <summary>Embeds texts.</summary>
    /// <param name="tokens">
    /// [B, T] token ids (Long or Int), T at most the context length. The end token has the largest id; what follows it
    /// does not matter.
    /// </param>
    /// <returns>[B, E], not normalised.</returns>
    /// <exception cref="ArgumentException">The shape is another one.</exception>
    /// <exception cref="InvalidOperationException">The model was built without text tower.</exception>
    public Tensor EncodeText(Tensor tokens)
    {
        _ = TextTransformer;
        CheckTokens(tokens);
        Tensor ends = tokens.Argmax(-1);
        return EncodeText(tokens.Narrow(1, 0, UsedLength(ends)), ends);
    }

    /// <summary>The same with what the tokens say already known.</summary>
    /// <param name="tokens">Token ids [B, T], none of them behind the last end token.</param>
    /// <param name="ends">Where each text's end token is, [B].</param>
    internal Tensor EncodeText(Tensor tokens, Tensor ends)
    {
        Tensor hidden = TextTransformer.Forward(EmbedTokens(tokens), CausalMask(tokens.Size(1), tokens.Device));
        Tensor index = ends.View(-1, 1, 1).Expand(-1, 1, hidden.Size(2));
        return TextNorm.Forward(hidden.Gather(1, index).Squeeze(1)).Matmul(_textProjection!);
    }

    // Attention is causal, so no token behind the last end token can matter: short texts cost little.
    internal long UsedLength(Tensor ends) => 1 + (long)ends.Amax([0]).Item();

    /// <summary>The text transformer's input [B, T, W] of token ids [B, T].</summary>
    /// <exception cref="InvalidOperationException">The model was built without text tower.</exception>
    public Tensor EmbedTokens(Tensor tokens)
    {
        if (_tokenEmbedding is null) throw NoText();
        return _tokenEmbedding.Forward(tokens) + _textPositions!.Narrow(0, 0, tokens.Size(1));
    }

    /// <summary>[T, T]: -∞ above the diagonal, so that a token sees itself and those before it.</summary>
    public Tensor CausalMask(long length, Device? device = null) => Tensor
        .Full([length, length], double.NegativeInfinity, LogitScale.Type, device ?? LogitScale.Device).Triu(1);

    internal void CheckTokens(Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.Rank != 2 || tokens.Size(0) < 1 || tokens.Size(1) < 1 || tokens.Size(1) > Options.ContextLength
            || tokens.Type is not (ScalarType.Long or ScalarType.Int))
        {
            throw new ArgumentException(
                $"expected token ids [B, at most {Options.ContextLength}], got {tokens}", nameof(tokens));
        }
    }

    private static InvalidOperationException NoText() => new("this CLIP was built without text tower");
}
