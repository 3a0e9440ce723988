using LlIcm.Onnx;
using LlIcm.Tensors;

namespace LlIcm.Quality;

/// <summary>
/// mPLUG-Owl2's language model: a LLaMA decoder whose normalisations, keys and values have weights of their own for the
/// positions that hold a picture.
/// </summary>
internal sealed class QAlignLanguage
{
    private const string Prefix = "model.";
    private readonly QAlignWeights _weights;
    private readonly QAlignOptions _options;
    private readonly int _layers;

    public QAlignLanguage(QAlignWeights weights, QAlignOptions options)
    {
        (_weights, _options) = (weights, options);
        _layers = weights.CountLayers(Prefix + "layers", "mlp.up_proj.weight");
    }

    /// <summary>The number of layers.</summary>
    public int Layers => _layers;

    /// <summary>Called after each layer.</summary>
    public Action? LayerDone { get; set; }

    /// <summary>Tells a test what happens inside.</summary>
    public Action<string, Tensor>? Probe { get; set; }

    /// <summary>The embeddings [1, tokens, D] of token ids.</summary>
    public Tensor Embed(ReadOnlySpan<long> tokens) =>
        _weights.Rows(Prefix + "embed_tokens.weight", tokens).Unsqueeze(0);

    /// <summary>The last position's normalised state [B, D].</summary>
    /// <param name="embeddings">[B, N, D].</param>
    /// <param name="pictureStart">The first position of the picture.</param>
    /// <param name="pictureLength">Its length, 0 for none.</param>
    public Tensor Forward(Tensor embeddings, long pictureStart, long pictureLength)
    {
        using var scope = new TensorScope();
        var span = new PictureSpan(pictureStart, pictureLength);
        long length = embeddings.Size(1), headWidth = _weights.Shape($"{Prefix}layers.0.self_attn.q_proj.weight")[0]
            / _options.LanguageHeads;
        (Tensor cos, Tensor sin) = Rotary(length, headWidth);
        Probe?.Invoke("rotary.cos", cos);
        Probe?.Invoke("rotary.sin", sin);
        Tensor mask = Tensor
            .Full([length, length], double.NegativeInfinity, ScalarType.Float, _weights.Device).Triu(1);
        Tensor hidden = embeddings;
        for (int i = 0; i < _layers; i++)
        {
            using var step = new TensorScope();
            int layer = i;
            Tensor next = step.Keep(OnnxProgram.Compute(
                $"Q-Align's language layer {i}", x => Layer(layer, x[0], span, cos, sin, mask), hidden));
            if (i > 0) hidden.Dispose();
            hidden = next;
            Probe?.Invoke($"llm.layer{i}", hidden);
            LayerDone?.Invoke();
        }
        Tensor weight = _weights[Prefix + "norm.weight"];
        if (Probe is not null) Probe("llm.norm", RmsNorm(hidden, weight));
        return scope.Keep(RmsNorm(hidden.Select(1, length - 1), weight));
    }

    /// <summary>The logits [B, rows] of some tokens, or of all [B, V] for an empty list.</summary>
    public Tensor Logits(Tensor state, ReadOnlySpan<long> tokens) =>
        state.Linear(tokens.IsEmpty ? _weights["lm_head.weight"] : _weights.Rows("lm_head.weight", tokens));

    private Tensor Layer(int index, Tensor input, PictureSpan span, Tensor cos, Tensor sin, Tensor mask)
    {
        string name = $"{Prefix}layers.{index}.", trace = $"llm.layer{index}.";
        Tensor normalised = Norm(input, span, name + "input_layernorm");
        Probe?.Invoke(trace + "input_layernorm", normalised);
        Tensor attended = Attend(normalised, span, name + "self_attn.", trace, cos, sin, mask);
        Probe?.Invoke(trace + "attn_out", attended);
        Tensor hidden = input + attended;
        normalised = Norm(hidden, span, name + "post_attention_layernorm");
        Probe?.Invoke(trace + "post_attention_layernorm", normalised);
        Tensor gated = normalised.Linear(_weights[name + "mlp.gate_proj.weight"]).Silu()
            * normalised.Linear(_weights[name + "mlp.up_proj.weight"]);
        Tensor output = gated.Linear(_weights[name + "mlp.down_proj.weight"]);
        Probe?.Invoke(trace + "mlp_out", output);
        return hidden + output;
    }

    private Tensor Attend(
        Tensor input, PictureSpan span, string name, string trace, Tensor cos, Tensor sin, Tensor mask)
    {
        Tensor query = input.Linear(_weights[name + "q_proj.weight"]);
        Tensor key = span.Apply(input, way => _weights[$"{name}k_proj.multiway.{way}.weight"], (x, w) => x.Linear(w));
        Tensor value = span.Apply(input, way => _weights[$"{name}v_proj.multiway.{way}.weight"], (x, w) => x.Linear(w));
        Probe?.Invoke(trace + "q", query);
        Probe?.Invoke(trace + "k", key);
        Probe?.Invoke(trace + "v", value);
        query = Rotate(Heads(query, _options.LanguageHeads), cos, sin);
        key = Rotate(Heads(key, _options.KeyValueHeads), cos, sin);
        value = Heads(value, _options.KeyValueHeads);
        Probe?.Invoke(trace + "q_rot", query);
        Probe?.Invoke(trace + "k_rot", key);
        (key, value) = (Share(key), Share(value));
        Tensor scores = query.Matmul(key.Transpose(-2, -1)).To(ScalarType.Float) * Math.Pow(query.Size(-1), -0.5)
            + mask;
        Tensor context = scores.Softmax(-1).To(value.Type).Matmul(value).Transpose(1, 2).Flatten(2);
        return context.Linear(_weights[name + "o_proj.weight"]);
    }

    private Tensor Norm(Tensor x, PictureSpan span, string name) =>
        span.Apply(x, way => _weights[$"{name}.multiway.{way}.weight"], RmsNorm);

    private Tensor RmsNorm(Tensor x, Tensor weight)
    {
        Tensor wide = x.Type == ScalarType.Double ? x : x.To(ScalarType.Float);
        Tensor scale = (wide.Square().Mean([-1], keep: true) + _options.LanguageEpsilon).Rsqrt();
        return weight * (wide * scale).To(x.Type);
    }

    private Tensor Share(Tensor x)
    {
        long groups = _options.LanguageHeads / _options.KeyValueHeads;
        return groups == 1 ? x : x.Unsqueeze(2).Expand(-1, -1, groups, -1, -1).Flatten(1, 2);
    }

    private (Tensor Cos, Tensor Sin) Rotary(long length, long width)
    {
        Tensor frequencies = (Tensor.Arange(0, width, 2) * (-Math.Log(_options.RotaryBase) / width)).Exp();
        Tensor angles = Tensor.Arange(0, length).Unsqueeze(1) * frequencies;
        angles = Tensor.Cat(1, angles, angles);
        return (angles.Cos().To(_weights.Device, _weights.Type), angles.Sin().To(_weights.Device, _weights.Type));
    }

    private static Tensor Heads(Tensor x, int heads) =>
        x.View(x.Size(0), x.Size(1), heads, x.Size(2) / heads).Transpose(1, 2);

    private static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        Tensor[] halves = x.Chunk(2, -1);
        return x * cos + Tensor.Cat(-1, -halves[1], halves[0]) * sin;
    }

    /// <summary>Which positions hold a picture, and so take the second of two weights.</summary>
    private readonly record struct PictureSpan(long Start, long Length)
    {
        public Tensor Apply(Tensor x, Func<int, Tensor> weight, Func<Tensor, Tensor, Tensor> function)
        {
            Tensor text = weight(0);
            if (Length == 0) return function(x, text);
            long end = Start + Length, after = x.Size(1) - end;
            var parts = new List<Tensor>();
            if (Start > 0) parts.Add(function(x.Narrow(1, 0, Start), text));
            parts.Add(function(x.Narrow(1, Start, Length), weight(1)));
            if (after > 0) parts.Add(function(x.Narrow(1, end, after), text));
            return Tensor.Cat(1, [.. parts]);
        }
    }
}
