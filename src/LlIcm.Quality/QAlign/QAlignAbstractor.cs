using LlIcm.Onnx;
using LlIcm.Tensors;

namespace LlIcm.Quality;

/// <summary>
/// mPLUG-Owl2's visual abstractor: a few learnt queries that gather what the language model is shown.
/// </summary>
internal sealed class QAlignAbstractor
{
    private const string Prefix = "model.visual_abstractor.";
    private const double TorchEpsilon = 1e-5;
    private readonly QAlignWeights _weights;
    private readonly QAlignOptions _options;
    private readonly int _layers;

    public QAlignAbstractor(QAlignWeights weights, QAlignOptions options)
    {
        (_weights, _options) = (weights, options);
        _layers = weights.CountLayers(Prefix + "encoder.layers", "crossattention.norm1.weight");
    }

    /// <summary>The number of layers.</summary>
    public int Layers => _layers;

    /// <summary>Called after each layer.</summary>
    public Action? LayerDone { get; set; }

    /// <summary>Tells a test what happens inside.</summary>
    public Action<string, Tensor>? Probe { get; set; }

    /// <summary>The vision encoder's tokens [B, T, W] → [B, queries + 1, D] for the language model.</summary>
    public Tensor Forward(Tensor vision)
    {
        using var scope = new TensorScope();
        long batch = vision.Size(0);
        Tensor hidden = _weights[Prefix + "query_embeds"].Expand(batch, -1, -1).Clone();
        for (int i = 0; i < _layers; i++)
        {
            using var step = new TensorScope();
            int layer = i;
            Tensor next = step.Keep(OnnxProgram.Compute($"Q-Align's abstractor layer {i}", x => Layer(layer, x[0], x[1]), hidden, vision));
            hidden.Dispose();
            hidden = next;
            Probe?.Invoke($"abstractor.layer{i}", hidden);
            LayerDone?.Invoke();
        }
        Tensor end = _weights[Prefix + "vit_eos"].Expand(batch, -1, -1);
        Tensor output = Tensor.Cat(
            1, OnnxProgram.Compute("Q-Align's abstractor", x => Linear(x[0], Prefix + "visual_fc"), hidden), end);
        Probe?.Invoke("abstractor.output", output);
        return scope.Keep(output);
    }

    private Tensor Layer(int index, Tensor input, Tensor vision)
    {
        string name = $"{Prefix}encoder.layers.{index}.crossattention.", attention = name + "attention.";
        Tensor queries = Norm(input, name + "norm1"), keys = Norm(vision, name + "normk");
        Probe?.Invoke($"abstractor.layer{index}.norm1", queries);
        Probe?.Invoke($"abstractor.layer{index}.normk", keys);
        Tensor tokens = Tensor.Cat(1, queries, keys);
        Tensor queryPositions = _weights[attention + "q_pos_embed"];
        Tensor positions = Tensor.Cat(0, queryPositions, _weights[attention + "k_pos_embed"]);
        Tensor query = Heads(Linear(queries + queryPositions, attention + "query"));
        Tensor key = Heads(Linear(tokens + positions, attention + "key"));
        Tensor value = Heads(Linear(tokens, attention + "value"));
        Tensor scores = query.Matmul(key.Transpose(-2, -1)) * Math.Pow(query.Size(-1), -0.5);
        Tensor context = scores.Softmax(-1).Matmul(value).Transpose(1, 2).Flatten(2);
        Probe?.Invoke($"abstractor.layer{index}.context", context);

        // The residual is the normalised input.
        Tensor hidden = queries + Linear(context, name + "output.out_proj");
        Tensor normalised = Norm(hidden, name + "output.norm2");
        string mlp = name + "output.mlp.";
        Tensor gated = Linear(normalised, mlp + "w1").Silu() * Linear(normalised, mlp + "w3");
        Tensor output = Linear(Norm(gated, mlp + "ffn_ln", _options.AbstractorEpsilon), mlp + "w2");
        Probe?.Invoke($"abstractor.layer{index}.mlp_out", output);
        return hidden + output;
    }

    private Tensor Heads(Tensor x) =>
        x.View(x.Size(0), x.Size(1), _options.AbstractorHeads, x.Size(2) / _options.AbstractorHeads).Transpose(1, 2);

    private Tensor Norm(Tensor x, string name, double epsilon = TorchEpsilon) =>
        x.LayerNorm([x.Size(-1)], _weights[name + ".weight"], _weights[name + ".bias"], epsilon);

    private Tensor Linear(Tensor x, string name) => x.Linear(_weights[name + ".weight"], _weights[name + ".bias"]);
}
