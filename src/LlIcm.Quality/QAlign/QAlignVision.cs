using LlIcm.Onnx;
using LlIcm.Tensors;

namespace LlIcm.Quality;

/// <summary>mPLUG-Owl2's vision encoder: a ViT whose last layer's tokens all count.</summary>
internal sealed class QAlignVision
{
    private const string Prefix = "model.vision_model.";
    private readonly QAlignWeights _weights;
    private readonly QAlignOptions _options;
    private readonly int _layers;

    public QAlignVision(QAlignWeights weights, QAlignOptions options)
    {
        (_weights, _options) = (weights, options);
        _layers = weights.CountLayers(Prefix + "encoder.layers", "input_layernorm.weight");
        long patch = weights.Shape(Prefix + "embeddings.patch_embed.weight")[2];
        long tokens = weights.Shape(Prefix + "embeddings.position_embedding")[1];
        ImageSide = (int)(patch * (long)Math.Round(Math.Sqrt(tokens - 1)));
    }

    /// <summary>Side of the pictures in pixels.</summary>
    public int ImageSide { get; }

    /// <summary>The number of layers.</summary>
    public int Layers => _layers;

    /// <summary>Called after each layer.</summary>
    public Action? LayerDone { get; set; }

    /// <summary>Tells a test what happens inside.</summary>
    public Action<string, Tensor>? Probe { get; set; }

    /// <summary>[B, 3, S, S] → [B, 1 + patches, W], the class token first.</summary>
    public Tensor Forward(Tensor images)
    {
        using var scope = new TensorScope();
        Tensor hidden = OnnxProgram.Compute("Q-Align's patches", x => Embed(x[0]), images);
        Probe?.Invoke("vision.embeddings", hidden);
        for (int i = 0; i < _layers; i++)
        {
            using var step = new TensorScope();
            int layer = i;
            Tensor next = step.Keep(OnnxProgram.Compute($"Q-Align's vision layer {i}", x => Layer(layer, x[0]), hidden));
            hidden.Dispose();
            hidden = next;
            Probe?.Invoke($"vision.layer{i}", hidden);
            LayerDone?.Invoke();
        }
        Tensor output = OnnxProgram.Compute("Q-Align's vision", x => Norm(x[0], Prefix + "post_layernorm"), hidden);
        Probe?.Invoke("vision.output", output);
        return scope.Keep(output);
    }

    private Tensor Embed(Tensor images)
    {
        using var scope = new TensorScope();
        const string Name = Prefix + "embeddings.";
        Tensor kernel = _weights[Name + "patch_embed.weight"];
        Tensor patches = images.Conv2d(kernel, stride: (int)kernel.Size(2)).Flatten(2).Transpose(1, 2);
        Tensor token = _weights[Name + "cls_token"].Expand(patches.Size(0), 1, -1);
        Tensor tokens = Tensor.Cat(1, token, patches) + _weights[Name + "position_embedding"];
        return scope.Keep(Norm(tokens, Name + "pre_layernorm"));
    }

    private Tensor Layer(int index, Tensor input)
    {
        string name = $"{Prefix}encoder.layers.{index}.";
        Tensor normalised = Norm(input, name + "input_layernorm");
        Probe?.Invoke($"vision.layer{index}.attn_in", normalised);
        Tensor attended = Attend(normalised, name + "self_attn.");
        Probe?.Invoke($"vision.layer{index}.attn_out", attended);
        Tensor hidden = input + attended;
        Tensor wide = Linear(Norm(hidden, name + "post_attention_layernorm"), name + "mlp.fc1");
        return hidden + Linear(wide * (1.702 * wide).Sigmoid(), name + "mlp.fc2");
    }

    private Tensor Attend(Tensor input, string name)
    {
        long batch = input.Size(0), length = input.Size(1), width = input.Size(2), heads = _options.VisionHeads;
        // Each head has its query, key and value side by side: not three blocks as elsewhere.
        Tensor[] projected = Linear(input, name + "query_key_value")
            .View(batch, length, heads, 3, width / heads).Permute(3, 0, 2, 1, 4).Unbind(0);
        Tensor query = projected[0] * Math.Pow(width / heads, -0.5);
        Tensor scores = query.Matmul(projected[1].Transpose(-2, -1)).Softmax(-1);
        Tensor context = scores.Matmul(projected[2]).Transpose(1, 2).Reshape(batch, length, width);
        return Linear(context, name + "dense");
    }

    private Tensor Norm(Tensor x, string name) =>
        x.LayerNorm([x.Size(-1)], _weights[name + ".weight"], _weights[name + ".bias"], _options.VisionEpsilon);

    private Tensor Linear(Tensor x, string name) => x.Linear(_weights[name + ".weight"], _weights[name + ".bias"]);
}
