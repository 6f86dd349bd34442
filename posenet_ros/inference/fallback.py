"""Starting a graph on the first candidate that works, with notices about those that do not."""

from collections.abc import Callable

from posenet_ros.errors import ProviderError
from posenet_ros.inference.execution_providers import CPU, ExecutionProvider
from posenet_ros.inference.graph_start import GraphStart, StartedGraph
from posenet_ros.inference.machine.cpu_features import cpu_flags, flags_for, PRECISION_FLAGS
from posenet_ros.inference.recovery import Recovery
from posenet_ros.inference.runtime_settings import AUTO
from posenet_ros.inference.sessions import is_built_in


class Fallback:
    """Starts a graph on the first candidate that works."""

    def __init__(
        self, start: GraphStart, recovery: Recovery, notice: Callable[[str], None]
    ) -> None:
        """Start with this, on the candidates of `recovery`; `notice` is called with each line."""
        self._start = start
        self._settings = start.settings
        self._recovery = recovery
        self._notice = notice

    def start_first(self, *, is_recovery: bool = False) -> StartedGraph:
        """
        Start the first candidate that works, and skip those before it.

        In a recovery, those before it are dropped instead, and tried again later. Raises
        ProviderError if none works or the settings do not allow the next one, and ModelLoadError
        if the graph cannot be loaded.
        """
        failures: list[str] = []
        while True:
            provider = self._recovery.provider
            try:
                started = self._start.on(provider)
                break
            except ProviderError as error:
                if self._recovery.is_last:
                    raise
                if not is_recovery and not self._may_fall_back():
                    raise ProviderError(
                        f'{error} (or start on the CPU with allow_fallback: true)'
                    ) from error
                if is_recovery:
                    self._recovery.drop()
                else:
                    self._recovery.skip()
                if self._is_expected(provider):
                    failures.append(str(error))
        if failures:
            self._notice(f'{"; ".join(failures)}; {provider.name} runs the network')
        if provider is CPU:
            self._notice_slow_precision()
        return started

    def _may_fall_back(self) -> bool:
        """Return whether the settings allow candidates other than the first."""
        is_auto = self._settings.execution_provider == AUTO
        return self._settings.allow_fallback or (
            is_auto and self._settings.precision in CPU.precisions
        )

    def _is_expected(self, provider: ExecutionProvider) -> bool:
        """Return whether a provider should work because it was chosen or is installed."""
        is_chosen = self._settings.execution_provider != AUTO or provider.name == 'openvino'
        return is_chosen or self._start.driver is not None or is_built_in(provider)

    def _notice_slow_precision(self) -> None:
        precision = self._settings.precision
        if precision == 'float16':
            self._notice('precision float16 is slower than float32 on the cpu; set float32 there')
        elif precision not in CPU.precisions:
            self._notice(f'the cpu does not support {precision}; it runs the network in float32')
        elif precision == 'int8':
            flags = cpu_flags()
            if flags and not flags_for('int8', flags):
                self._notice(
                    'precision int8 is not fast on this cpu, and may be less accurate: it has '
                    f'none of {", ".join(PRECISION_FLAGS["int8"])}; set float32'
                )
