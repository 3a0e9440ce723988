using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>The two layers, of three, that turn a degradation embedding into a mixture of learned prompts.</summary>
internal static class DegradationPrompt
{
    /// <summary><c>text_mlp</c>: Linear, SiLU, Linear.</summary>
    public static Sequential Mixer(int contextWidth, int width) =>
        new(new Linear(contextWidth, width), Activation.Silu(), new Linear(width, width));

    /// <summary><c>prompt</c>: uniform on [0, 1).</summary>
    public static Tensor Initial(int width) => Tensor.Empty([1, width]).UniformInPlace(0, 1);

    /// <summary>What is added to the time embedding: Linear(softmax(MLP(embedding))·prompt).</summary>
    public static Tensor Apply(Tensor embedding, Sequential mixer, Tensor prompt, Linear output) =>
        output.Forward(mixer.Forward(embedding).Softmax(1) * prompt);
}
